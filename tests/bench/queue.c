/* Messages through a queue between processes that do nothing else. So many producers, so many consumers, each a process
 * of its own; all are ready before the clock starts, and it stops when every message has been received. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY 1000 /* as deep as the peers' queues */
#define PAIRS    4

/* What a row does. */
struct load {
    int producers, consumers;
    int64_t messages;
    size_t size;
    int in_place;
};

/* As many messages as the peers: on a busy machine short runs get more of it than long ones. */
static const struct load loads[] = {
    { 1, 1, 1000000, 8, 0 },    { PAIRS, PAIRS, 1000000, 8, 0 }, { 1, 1, 300000, 1024, 0 },
    { 1, 1, 2000, 1 << 20, 0 }, { 1, 1, 2000, 1 << 20, 1 },
};

/* A process's part of it. */
struct part {
    mproc_queue queue, ready, start, done;
    struct load load;
    int64_t messages;
};

static void put_number(mproc_queue queue, int64_t number)
{
    BENCH_CHECK(mproc_queue_put(queue, &number, sizeof number, MPROC_FOREVER) == 0);
}

static int64_t get_number(mproc_queue queue)
{
    int64_t number;
    BENCH_CHECK(mproc_queue_get(queue, MPROC_FOREVER, &number, sizeof number, NULL) == 0);
    return number;
}

/* Every byte is written, and the first number says which message it is. */
static void build(void *data, size_t size, int64_t number)
{
    if (size > sizeof number)
        memset(data, (int)number, size);
    memcpy(data, &number, sizeof number);
}

/* Every byte is read. Returns the first number. */
static int64_t use(const void *data, size_t size)
{
    int64_t number, word;
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i += sizeof word) {
        memcpy(&word, (const char *)data + i, sizeof word);
        sum += (uint64_t)word;
    }
    memcpy(&number, data, sizeof number);
    if (size > sizeof number)
        BENCH_CHECK(sum - (uint64_t)number == (size / sizeof word - 1) * (0x0101010101010101u * (number & 0xff)));
    return number;
}

static void produce_copied(const struct part *part)
{
    static unsigned char message[1 << 20];
    build(message, part->load.size, 1);
    for (int64_t i = 1; i <= part->messages; i++) {
        memcpy(message, &i, sizeof i);
        BENCH_CHECK(mproc_queue_put(part->queue, message, part->load.size, MPROC_FOREVER) == 0);
    }
}

static void produce_in_place(const struct part *part)
{
    for (int64_t i = 1; i <= part->messages; i++) {
        mproc_message message;
        BENCH_CHECK(mproc_message_create(&message, part->load.size) == 0);
        build(message.data, message.size, i);
        BENCH_CHECK(mproc_queue_commit(part->queue, message, MPROC_FOREVER) == 0);
    }
}

static int producer(mproc_task *task)
{
    struct part part;
    mproc_task_read(task, &part, sizeof part);
    put_number(part.ready, 0);
    get_number(part.start);
    if (part.load.in_place)
        produce_in_place(&part);
    else
        produce_copied(&part);
    return 0;
}

static int64_t consume_copied(const struct part *part)
{
    static unsigned char message[1 << 20];
    int64_t sum = 0;
    for (int64_t i = 0; i < part->messages; i++) {
        int64_t number;
        size_t size;
        BENCH_CHECK(mproc_queue_get(part->queue, MPROC_FOREVER, message, sizeof message, &size) == 0);
        memcpy(&number, message, sizeof number);
        sum += number;
    }
    return sum;
}

static int64_t consume_in_place(const struct part *part)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < part->messages; i++) {
        mproc_message message;
        BENCH_CHECK(mproc_queue_take(part->queue, MPROC_FOREVER, &message) == 0);
        sum += use(message.data, message.size);
        mproc_message_free(message);
    }
    return sum;
}

static int consumer(mproc_task *task)
{
    struct part part;
    mproc_task_read(task, &part, sizeof part);
    put_number(part.ready, 0);
    get_number(part.start);
    put_number(part.done, part.load.in_place ? consume_in_place(&part) : consume_copied(&part));
    return 0;
}

static mproc_queue make_queue(size_t capacity)
{
    mproc_queue queue;
    BENCH_CHECK(mproc_queue_create(&queue, &(mproc_queue_options){ .capacity = capacity }) == 0);
    return queue;
}

static mproc_process *start(mproc_task_fn *function, struct part part, int share)
{
    part.messages = part.load.messages / share;
    mproc_process *process;
    mproc_process_options options = { .function = function, .args = MPROC_ARG(part), .start_method = MPROC_START_FORK };
    BENCH_CHECK(mproc_process_create(&process, &options) == 0 && mproc_process_start(process) == 0);
    return process;
}

static double seconds_for(const struct load *load)
{
    /* Large messages: as many as the caches hold. */
    struct part part = {
        make_queue(load->size > 65536 ? 8 : CAPACITY), make_queue(0), make_queue(0), make_queue(0), *load, 0
    };
    mproc_process *processes[2 * PAIRS];
    int count = load->producers + load->consumers;
    for (int i = 0; i < count; i++)
        processes[i] =
            i < load->producers ? start(producer, part, load->producers) : start(consumer, part, load->consumers);
    for (int i = 0; i < count; i++)
        get_number(part.ready);
    double begin = bench_now();
    for (int i = 0; i < count; i++)
        put_number(part.start, 0);
    int64_t sum = 0, each = load->messages / load->producers;
    for (int i = 0; i < load->consumers; i++)
        sum += get_number(part.done);
    double elapsed = bench_now() - begin;
    BENCH_CHECK(sum == load->producers * (each * (each + 1) / 2));
    for (int i = 0; i < count; i++)
        BENCH_CHECK(mproc_process_join(processes[i], 30000) == 0 && mproc_process_free(processes[i]) == 0);
    mproc_queue_destroy(part.queue);
    mproc_queue_destroy(part.ready);
    mproc_queue_destroy(part.start);
    mproc_queue_destroy(part.done);
    return elapsed;
}

static double messages_per_second(int argument)
{
    return (double)loads[argument].messages / seconds_for(&loads[argument]);
}

static double bytes_per_second(int argument)
{
    return messages_per_second(argument) * (double)loads[argument].size;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "queue_8_1x1", "messages/s", messages_per_second, 0, 7 },
        { "queue_8_4x4", "messages/s", messages_per_second, 1, 7 },
        { "queue_1k_1x1", "messages/s", messages_per_second, 2, 7 },
        { "queue_1m_1x1", "bytes/s", bytes_per_second, 3, 5 },
        { "queue_1m_in_place", "bytes/s", bytes_per_second, 4, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
