/* Queues: rules 18, 20, 22 and 29, and handles that mean nothing.
 */
#include "pipe_pair.h"
#include "test.h"

/* The smallest ring there is: everything happens sooner in it. */
#define SMALL_RING 4096

static mproc_queue create_with(mproc_queue_options options)
{
    mproc_queue queue;
    CHECK_OK(mproc_queue_create(&queue, &options));
    return queue;
}

static mproc_queue create(void)
{
    return create_with((mproc_queue_options){ 0 });
}

static void read_queue(mproc_task *task, mproc_queue *ret_queue)
{
    CHECK_OK(mproc_task_read(task, ret_queue, sizeof *ret_queue));
}

static void put_number(mproc_queue queue, int64_t number)
{
    CHECK_OK(mproc_queue_put(queue, &number, sizeof number, MPROC_FOREVER));
}

static int64_t get_number(mproc_queue queue)
{
    int64_t number = -1;
    size_t size = 0;
    CHECK_OK(mproc_queue_get(queue, test_limit_ms(30000), &number, sizeof number, &size));
    CHECK_EQ(size, sizeof number);
    return number;
}

static size_t size_of(mproc_queue queue)
{
    size_t size = SIZE_MAX;
    CHECK_OK(mproc_queue_get_count(queue, &size));
    return size;
}

/* ---- Rule 18 ---- */

static void rule_18_bounded(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 3 });
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    for (int64_t i = 0; i < 3; i++) {
        CHECK_EQ(mproc_queue_is_full(queue), 0);
        put_number(queue, i);
        CHECK_EQ(size_of(queue), i + 1);
    }
    CHECK_EQ(mproc_queue_is_full(queue), 1);
    int64_t number = 3;
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, 0), MPROC_E_FULL);
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, 20), MPROC_E_TIMEOUT);
    CHECK_EQ(size_of(queue), 3);
    for (int64_t i = 0; i < 3; i++)
        CHECK_EQ(get_number(queue), i);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    CHECK_CODE(mproc_queue_get(queue, 0, &number, sizeof number, NULL), MPROC_E_EMPTY);
    CHECK_CODE(mproc_queue_get(queue, 20, &number, sizeof number, NULL), MPROC_E_TIMEOUT);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* Rings of all sizes on the way, and back to one. */
static void rule_18_unbounded(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .buffer_size = SMALL_RING });
    for (int round = 0; round < 3; round++) {
        for (int64_t i = 0; i < 100000; i++)
            put_number(queue, i);
        CHECK_EQ(size_of(queue), 100000);
        CHECK_EQ(mproc_queue_is_full(queue), 0);
        for (int64_t i = 0; i < 100000; i++)
            CHECK_EQ(get_number(queue), i);
        CHECK_EQ(mproc_queue_is_empty(queue), 1);
    }
    CHECK_OK(mproc_queue_destroy(queue));
}

/* Many more than a position counts places, with a backlog that comes and goes. */
static void rule_18_positions_wrap(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .buffer_size = SMALL_RING });
    static unsigned char message[900];
    int64_t put = 0, got = 0, rounds = test_is_soak() ? 6000000 : 300000;
    while (got < rounds) {
        for (int64_t burst = put % 7; burst >= 0; burst--) {
            message[0] = (unsigned char)put++;
            CHECK_OK(mproc_queue_put(queue, message, sizeof message, 0));
        }
        while (size_of(queue) > (size_t)(put % 5)) {
            size_t size = 0;
            CHECK_OK(mproc_queue_get(queue, 0, message, sizeof message, &size));
            CHECK_EQ(size, sizeof message);
            CHECK_EQ(message[0], (unsigned char)got++);
        }
    }
    CHECK_EQ(size_of(queue), put - got);
    CHECK_OK(mproc_queue_destroy(queue));
}

static int put_and_exit(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    for (int64_t i = 0; i < 1000; i++)
        put_number(queue, i);
    return 0;
}

static void rule_18_exit_right_after_put(void)
{
    mproc_queue queue = create();
    CHECK_EQ(test_finish(test_start(put_and_exit, MPROC_ARG(queue))), 0);
    CHECK_EQ(size_of(queue), 1000);
    for (int64_t i = 0; i < 1000; i++)
        CHECK_EQ(get_number(queue), i);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* 64 KiB is where the reference's pipe is full, and its process waits for a reader that waits for it. */
static int put_much(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    static unsigned char message[65536];
    for (int i = 0; i < 64; i++) {
        memset(message, i, sizeof message);
        CHECK_OK(mproc_queue_put(queue, message, sizeof message, MPROC_FOREVER));
    }
    return 0;
}

static void rule_18_join_before_drain(void)
{
    mproc_queue queue = create();
    CHECK_EQ(test_finish(test_start(put_much, MPROC_ARG(queue))), 0);
    static unsigned char message[65536];
    for (int i = 0; i < 64; i++) {
        CHECK_OK(mproc_queue_get(queue, 0, message, sizeof message, NULL));
        CHECK_EQ(message[0], i);
        CHECK_EQ(message[sizeof message - 1], i);
    }
    CHECK_OK(mproc_queue_destroy(queue));
}

enum { PRODUCERS = 3, EACH = 4000 };

struct numbered {
    int32_t producer, number;
};

struct producing {
    mproc_queue queue;
    int32_t producer;
};

static int produce(mproc_task *task)
{
    struct producing producing;
    CHECK_OK(mproc_task_read(task, &producing, sizeof producing));
    for (int32_t i = 0; i < EACH; i++) {
        struct numbered message = { producing.producer, i };
        CHECK_OK(mproc_queue_put(producing.queue, &message, sizeof message, MPROC_FOREVER));
    }
    return 0;
}

/* Through a queue that is full most of the time, and one that never is. */
static void order_with_capacity(size_t capacity)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = capacity, .buffer_size = SMALL_RING });
    mproc_process *processes[PRODUCERS];
    int32_t next[PRODUCERS] = { 0 };
    for (int i = 0; i < PRODUCERS; i++)
        processes[i] = test_start(produce, MPROC_ARG(((struct producing){ queue, i })));
    for (int i = 0; i < PRODUCERS * EACH; i++) {
        struct numbered message;
        CHECK_OK(mproc_queue_get(queue, test_limit_ms(30000), &message, sizeof message, NULL));
        CHECK_EQ(message.number, next[message.producer]++);
    }
    for (int i = 0; i < PRODUCERS; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    CHECK_OK(mproc_queue_destroy(queue));
}

static void rule_18_order_per_producer(void)
{
    order_with_capacity(0);
    order_with_capacity(5);
    order_with_capacity(1);
}

/* Consumers in other processes add up what they get; each ends with the first negative number. */
static int add_up(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    int64_t number;
    while ((number = get_number(queue)) >= 0)
        atomic_fetch_add(&test_board()[30], number);
    return 0;
}

static void rule_18_many_consumers(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 16 });
    mproc_process *processes[3];
    for (int i = 0; i < 3; i++)
        processes[i] = test_start(add_up, MPROC_ARG(queue));
    for (int64_t i = 1; i <= 10000; i++)
        put_number(queue, i);
    for (int i = 0; i < 3; i++)
        put_number(queue, -1);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(atomic_load(&test_board()[30]), 10000 * 10001 / 2);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* One message in the queue, or none, and nothing else is ever seen. */
static int put_and_get_for_ever(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    for (int64_t i = 0; atomic_load(test_board()) == 0; i++) {
        put_number(queue, i);
        CHECK_EQ(get_number(queue), i);
    }
    return 0;
}

static void rule_18_exact_while_others_work(void)
{
    mproc_queue queue = create();
    mproc_process *process = test_start(put_and_get_for_ever, MPROC_ARG(queue));
    int ones = 0, zeros = 0;
    int64_t limit = os_now_ms() + test_limit_ms(20000);
    while ((ones < 100 || zeros < 100) && os_now_ms() < limit) {
        size_t size = size_of(queue);
        CHECK_LE(size, 1);
        *(size ? &ones : &zeros) += 1;
        int empty = mproc_queue_is_empty(queue);
        CHECK(empty == 0 || empty == 1);
    }
    CHECK(ones >= 100 && zeros >= 100);
    test_let_go();
    CHECK_EQ(test_finish(process), 0);
    CHECK_EQ(size_of(queue), 0);
    CHECK_OK(mproc_queue_destroy(queue));
}

static void rule_18_put_many(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 5 });
    static const char *const words[] = { "one", "", "three", "four", "five", "six" };
    static unsigned char large[100000];
    mproc_view messages[7];
    for (int i = 0; i < 6; i++)
        messages[i] = (mproc_view){ words[i], strlen(words[i]) };
    messages[6] = messages[3];
    messages[3] = (mproc_view){ large, sizeof large };
    memset(large, 7, sizeof large);
    CHECK_EQ(mproc_queue_put_many(queue, messages, 0, 0), 0);
    CHECK_EQ(mproc_queue_put_many(queue, NULL, 0, 0), 0);
    CHECK_EQ(mproc_queue_put_many(queue, messages, 7, 0), 5);
    CHECK_CODE(mproc_queue_put_many(queue, messages, 7, 10), MPROC_E_TIMEOUT);
    static char text[200000];
    size_t sizes[8] = { 0 };
    CHECK_EQ(mproc_queue_get_many(queue, 8, 0, text, sizeof text, sizes), 5);
    CHECK_EQ(sizes[0], 3);
    CHECK_EQ(sizes[1], 0);
    CHECK_EQ(sizes[2], 5);
    CHECK_EQ(sizes[3], sizeof large);
    CHECK_EQ(sizes[4], 4);
    CHECK(memcmp(text, "onethree", 8) == 0);
    CHECK(memcmp(text + 8, large, sizeof large) == 0);
    CHECK(memcmp(text + 8 + sizeof large, "five", 4) == 0);
    CHECK_CODE(mproc_queue_get_many(queue, 8, 10, text, sizeof text, sizes), MPROC_E_TIMEOUT);
    CHECK_EQ(mproc_queue_get_many(queue, 0, 10, text, sizeof text, sizes), 0);
    CHECK_CODE(mproc_queue_put_many(queue, NULL, 2, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_queue_put_many(queue, (mproc_view[]){ { NULL, 1 } }, 1, 0), MPROC_E_INVALID);
    CHECK_CODE(mproc_queue_put_many(queue, messages, (size_t)INT32_MAX + 1, 0), MPROC_E_LIMIT);
    CHECK_CODE(mproc_queue_get_many(queue, (size_t)INT32_MAX + 1, 0, text, sizeof text, NULL), MPROC_E_LIMIT);
    CHECK_OK(mproc_queue_destroy(queue));
}

static int get_all(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    int64_t numbers[64], next = 0;
    size_t sizes[64];
    while (next < 50000) {
        int got = mproc_queue_get_many(queue, 64, MPROC_FOREVER, numbers, sizeof numbers, sizes);
        CHECK(got > 0 && got <= 64);
        for (int i = 0; i < got; i++) {
            CHECK_EQ(sizes[i], sizeof *numbers);
            CHECK_EQ(numbers[i], next++);
        }
    }
    return 0;
}

static void rule_18_many_at_once_between_processes(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 100 });
    mproc_process *process = test_start(get_all, MPROC_ARG(queue));
    static int64_t numbers[1000];
    static mproc_view messages[1000];
    for (int64_t next = 0; next < 50000; next += 1000) {
        for (int i = 0; i < 1000; i++) {
            numbers[i] = next + i;
            messages[i] = (mproc_view){ &numbers[i], sizeof numbers[i] };
        }
        CHECK_EQ(mproc_queue_put_many(queue, messages, 1000, MPROC_FOREVER), 1000);
    }
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* ---- Many at once, beside others ---- */

enum { HEAP = 1000000 };

struct heap {
    mproc_queue queue;
    mproc_view *messages;
    size_t *sizes;
    int moved;
    _Atomic int done;
};

static void put_heap(void *argument)
{
    struct heap *heap = argument;
    heap->moved = mproc_queue_put_many(heap->queue, heap->messages, HEAP, 0);
    atomic_store(&heap->done, 1);
}

static void get_heap(void *argument)
{
    struct heap *heap = argument;
    heap->moved = mproc_queue_get_many(heap->queue, HEAP, 0, NULL, 0, heap->sizes);
    atomic_store(&heap->done, 1);
}

/* Returns how many of our own messages, of one byte each, went in before the last one of the heap. */
static int put_beside(struct heap *heap)
{
    atomic_store(&heap->done, 0);
    os_thread *thread = os_thread_start(put_heap, heap);
    int put = 0, before = 0;
    while (!atomic_load(&heap->done)) {
        CHECK_OK(mproc_queue_put(heap->queue, "x", 1, 0));
        put++;
    }
    os_thread_join(thread);
    CHECK_EQ(heap->moved, HEAP);
    CHECK_EQ(size_of(heap->queue), HEAP + put);
    char byte;
    for (int left = HEAP; left > 0;) {
        size_t size = 2;
        CHECK_OK(mproc_queue_get(heap->queue, 0, &byte, 1, &size));
        *(size == 0 ? &left : &before) += size == 0 ? -1 : 1;
    }
    while (mproc_queue_get(heap->queue, 0, &byte, 1, NULL) == 0)
        ;
    /* The first may have been there before the heap. */
    return before - 1;
}

/* Returns how many we got while somebody else took the heap. */
static int get_beside(struct heap *heap)
{
    CHECK_EQ(mproc_queue_put_many(heap->queue, heap->messages, HEAP, 0), HEAP);
    atomic_store(&heap->done, 0);
    os_thread *thread = os_thread_start(get_heap, heap);
    int got = 0, before = 0;
    while (!atomic_load(&heap->done)) {
        /* The first may be ours before the other one begins. */
        before += size_of(heap->queue) == (size_t)(HEAP - got);
        got += mproc_queue_get(heap->queue, 0, NULL, 0, NULL) == 0;
    }
    os_thread_join(thread);
    CHECK_EQ(heap->moved + got, HEAP);
    CHECK_EQ(mproc_queue_is_empty(heap->queue), 1);
    return got - before;
}

/* Whoever moves a great many at once lets others in between. */
static void rule_29_many_at_once_beside_others(void)
{
    struct heap heap = { .queue = create() };
    heap.messages = calloc(HEAP, sizeof *heap.messages);
    heap.sizes = calloc(HEAP, sizeof *heap.sizes);
    CHECK(heap.messages != NULL && heap.sizes != NULL);
    int put = 0, got = 0;
    for (int i = 0; i < 20 && put <= 0; i++)
        put = put_beside(&heap);
    for (int i = 0; i < 20 && got <= 0; i++)
        got = get_beside(&heap);
    CHECK(put > 0 && got > 0);
    free(heap.messages);
    free(heap.sizes);
    CHECK_OK(mproc_queue_destroy(heap.queue));
}

/* ---- Rule 14, for queues: too small a buffer ---- */

static void rule_14_too_short(void)
{
    static const size_t sizes[] = { 1, 8, 100, 70000 };
    static unsigned char in[70000], out[70000];
    mproc_queue queue = create();
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        memset(in, (int)i + 1, sizes[i]);
        CHECK_OK(mproc_queue_put(queue, in, sizes[i], 0));
        size_t size = 0;
        CHECK_CODE(mproc_queue_get(queue, 0, out, sizes[i] - 1, &size), MPROC_E_TOO_SHORT);
        CHECK_EQ(size, sizes[i]);
        CHECK_CODE(mproc_queue_get(queue, MPROC_FOREVER, NULL, 0, &size), MPROC_E_TOO_SHORT);
        CHECK_CODE(mproc_queue_get(queue, MPROC_FOREVER, out, sizes[i] + 1, NULL), MPROC_E_SIZE);
        size = 0;
        CHECK_CODE(mproc_queue_get_many(queue, 1, 0, out, sizes[i] - 1, &size), MPROC_E_TOO_SHORT);
        CHECK_EQ(size, sizes[i]);
        CHECK_EQ(size_of(queue), 1);
        CHECK_OK(mproc_queue_get(queue, 0, out, sizes[i], &size));
        CHECK_EQ(size, sizes[i]);
        CHECK(memcmp(in, out, size) == 0);
    }
    CHECK_CODE(mproc_queue_get(queue, 0, NULL, 1, NULL), MPROC_E_INVALID);
    CHECK_CODE(mproc_queue_put(queue, NULL, 1, 0), MPROC_E_INVALID);
    CHECK_OK(mproc_queue_put(queue, NULL, 0, 0));
    size_t size = 1;
    CHECK_OK(mproc_queue_get(queue, 0, NULL, 0, &size));
    CHECK_EQ(size, 0);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* ---- Rule 22: sizes ---- */

static void fill_bytes(unsigned char *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(seed + i * 7 + (i >> 8));
}

static int echo(mproc_task *task)
{
    mproc_queue queues[2];
    CHECK_OK(mproc_task_read(task, queues, sizeof queues));
    for (;;) {
        mproc_message message;
        CHECK_OK(mproc_queue_take(queues[0], MPROC_FOREVER, &message));
        bool last = message.size == 3;
        CHECK_OK(mproc_queue_commit(queues[1], message, MPROC_FOREVER));
        if (last)
            return 0;
    }
}

static void there_and_back(mproc_queue queues[2], size_t size)
{
    unsigned char *in = calloc(1, size + 1), *out = calloc(1, size + 1);
    CHECK(in && out);
    fill_bytes(in, size, (unsigned)size);
    CHECK_OK(mproc_queue_put(queues[0], in, size, MPROC_FOREVER));
    size_t got = SIZE_MAX;
    memset(out, 0, size);
    CHECK_OK(mproc_queue_get(queues[1], test_limit_ms(30000), out, size, &got));
    CHECK_EQ(got, size);
    CHECK(memcmp(in, out, size) == 0);
    free(in);
    free(out);
}

/* Through the ring up to a quarter of it, in spans beyond; around each edge, around the ring's own size, and far above.
 */
static void rule_22_sizes_around_the_ring(void)
{
    mproc_queue queues[2] = { create_with((mproc_queue_options){ .buffer_size = SMALL_RING }), create() };
    mproc_process *process = test_start(echo, MPROC_ARG(queues));
    static const size_t edges[] = { 8, SMALL_RING / 4, SMALL_RING, 16384, 65536, 1048576 };
    there_and_back(queues, 0);
    there_and_back(queues, 1);
    for (size_t i = 0; i < TEST_COUNT(edges); i++)
        for (int off = -1; off <= 1; off++)
            there_and_back(queues, edges[i] + (size_t)off);
    there_and_back(queues, (size_t)20 << 20);
    there_and_back(queues, 3);
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_queue_destroy(queues[0]));
    CHECK_OK(mproc_queue_destroy(queues[1]));
}

/* A family with little memory: what is too large is refused at once, what is too much when it is too much, and
 * everything that was accepted comes out. */
#define LITTLE_MEMORY ((uint64_t)16 << 20)

static int64_t put_until_limit(mproc_queue queue, size_t size)
{
    unsigned char *bytes = calloc(1, size);
    CHECK(bytes != NULL);
    int64_t count = 0;
    int code;
    for (;; count++) {
        memcpy(bytes, &count, sizeof count);
        code = mproc_queue_put(queue, bytes, size, MPROC_FOREVER);
        if (code != 0)
            break;
    }
    CHECK_CODE(code, MPROC_E_LIMIT);
    CHECK_EQ(size_of(queue), count);
    CHECK(count * (int64_t)size < (int64_t)LITTLE_MEMORY && count * (int64_t)size > (int64_t)LITTLE_MEMORY / 8);
    free(bytes);
    return count;
}

/* Small messages in rings that begin small: no number of rings and no size of theirs ends it before the memory does. */
static int scene_fills_its_memory(const char *argument)
{
    (void)argument;
    CHECK_OK(mproc_set_memory_limit(3 * LITTLE_MEMORY));
    mproc_queue queue = create_with((mproc_queue_options){ .buffer_size = SMALL_RING });
    static const char bytes[1016];
    int64_t count = 0;
    while (mproc_queue_put(queue, bytes, sizeof bytes, 0) == 0)
        count++;
    CHECK_EQ(size_of(queue), count);
    CHECK_LE(3 * LITTLE_MEMORY * 85 / 100, count * 1024);
    CHECK_OK(mproc_queue_destroy(queue));
    return 0;
}

static void rule_22_a_backlog_as_large_as_the_memory(void)
{
    CHECK_EQ(test_scene("scene_fills_its_memory", "", NULL, 0), 0);
}

static void get_all_numbers(mproc_queue queue, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        mproc_message message;
        int64_t number;
        CHECK_OK(mproc_queue_take(queue, 0, &message));
        memcpy(&number, message.data, sizeof number);
        CHECK_EQ(number, i);
        CHECK_OK(mproc_message_free(message));
    }
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
}

static int scene_with_little_memory(const char *argument)
{
    (void)argument;
    CHECK_OK(mproc_set_memory_limit(LITTLE_MEMORY));
    mproc_queue queue = create();
    put_number(queue, 0);
    /* Nobody looks at the bytes: the size alone is too much. */
    static unsigned char byte;
    CHECK_CODE(mproc_queue_put(queue, &byte, (size_t)LITTLE_MEMORY, MPROC_FOREVER), MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "16777216");
    if (sizeof(size_t) > 4)
        CHECK_CODE(mproc_queue_put(queue, &byte, SIZE_MAX / 2, 0), MPROC_E_LIMIT);
    mproc_message message;
    CHECK_CODE(mproc_message_create(&message, (size_t)LITTLE_MEMORY), MPROC_E_LIMIT);
    CHECK_EQ(size_of(queue), 1);
    CHECK_EQ(get_number(queue), 0);
    static const size_t sizes[] = { 500000, 5000, 100 };
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
            mproc_queue other = create();
            get_all_numbers(other, put_until_limit(other, sizes[i]));
            CHECK_OK(mproc_queue_destroy(other));
        }
    CHECK_OK(mproc_queue_destroy(queue));
    return 0;
}

static void rule_22_beyond_the_limit(void)
{
    CHECK_EQ(test_scene("scene_with_little_memory", "", NULL, 0), 0);
}

/* ---- In place ---- */

static void in_place_sizes(void)
{
    static const size_t sizes[] = { 0, 1, 255, 256, 257, 16384, 16385, 300000 };
    mproc_queue queue = create(), small = create_with((mproc_queue_options){ .buffer_size = SMALL_RING });
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        mproc_message built, taken, again;
        CHECK_OK(mproc_message_create(&built, sizes[i]));
        CHECK_EQ(built.size, sizes[i]);
        CHECK(built.data != NULL && (uintptr_t)built.data % 16 == 0);
        fill_bytes(built.data, built.size, 5);
        CHECK_OK(mproc_queue_commit(queue, built, 0));
        CHECK_CODE(mproc_queue_commit(queue, built, 0), MPROC_E_STALE);
        CHECK_CODE(mproc_message_free(built), MPROC_E_STALE);
        CHECK_OK(mproc_queue_take(queue, 0, &taken));
        CHECK_EQ(taken.size, sizes[i]);
        /* On to a queue whose ring takes less. */
        CHECK_OK(mproc_queue_commit(small, taken, 0));
        CHECK_CODE(mproc_message_free(taken), MPROC_E_STALE);
        CHECK_OK(mproc_queue_take(small, 0, &again));
        CHECK_EQ(again.size, sizes[i]);
        unsigned char *expected = malloc(sizes[i] + 1);
        fill_bytes(expected, sizes[i], 5);
        CHECK(memcmp(expected, again.data, sizes[i]) == 0);
        free(expected);
        CHECK_OK(mproc_message_free(again));
        CHECK_CODE(mproc_message_free(again), MPROC_E_STALE);
        CHECK_CODE(mproc_queue_take(queue, 0, &taken), MPROC_E_EMPTY);
    }
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_OK(mproc_queue_destroy(small));
}

static void in_place_after_failure(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 1 });
    mproc_message message;
    static const size_t sizes[] = { 10, 100000 };
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        put_number(queue, 1);
        CHECK_OK(mproc_message_create(&message, sizes[i]));
        memset(message.data, 3, message.size);
        CHECK_CODE(mproc_queue_commit(queue, message, 0), MPROC_E_FULL);
        CHECK_CODE(mproc_queue_commit((mproc_queue){ { 1, 2 } }, message, 0), MPROC_E_FOREIGN);
        CHECK_EQ(((unsigned char *)message.data)[message.size - 1], 3);
        CHECK_EQ(get_number(queue), 1);
        CHECK_OK(mproc_queue_commit(queue, message, 0));
        CHECK_OK(mproc_queue_take(queue, 0, &message));
        CHECK_EQ(((unsigned char *)message.data)[message.size - 1], 3);
        CHECK_OK(mproc_message_free(message));
    }
    CHECK_CODE(mproc_message_free((mproc_message){ 0 }), MPROC_E_STALE);
    CHECK_CODE(mproc_message_free((mproc_message){ .ticket = UINT64_MAX }), MPROC_E_STALE);
    CHECK_CODE(mproc_queue_commit(queue, (mproc_message){ .ticket = 12345 }, 0), MPROC_E_STALE);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* A message outlives its queue; another process's ticket is none. */
static int release_foreign(mproc_task *task)
{
    mproc_message message;
    CHECK_OK(mproc_task_read(task, &message, sizeof message));
    CHECK_CODE(mproc_message_free(message), MPROC_E_WRONG_PROCESS);
    return 0;
}

/* Each process has a table of its own, in which the same places are taken. */
static int use_foreign(mproc_task *task)
{
    struct {
        mproc_queue queue;
        mproc_message message;
    } given;
    mproc_message own;
    CHECK_OK(mproc_task_read(task, &given, sizeof given));
    CHECK_OK(mproc_message_create(&own, given.message.size));
    /* A copy by fork has its parent's table, in which that place is taken. */
    if (!test_forks())
        CHECK_EQ(own.ticket & UINT32_MAX, given.message.ticket & UINT32_MAX);
    memset(own.data, 2, own.size);
    CHECK_CODE(mproc_queue_commit(given.queue, given.message, 0), MPROC_E_WRONG_PROCESS);
    CHECK_CODE(mproc_message_free(given.message), MPROC_E_WRONG_PROCESS);
    CHECK_EQ(((unsigned char *)own.data)[own.size - 1], 2);
    CHECK_OK(mproc_message_free(own));
    return 0;
}

static void found_13_message_of_another_process(void)
{
    struct {
        mproc_queue queue;
        mproc_message message;
    } given = { .queue = create() };
    const size_t sizes[] = { 10, 50000 };
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        CHECK_OK(mproc_message_create(&given.message, sizes[i]));
        memset(given.message.data, 1, sizes[i]);
        CHECK_EQ(test_finish(test_start(use_foreign, MPROC_ARG(given))), 0);
        CHECK_EQ(size_of(given.queue), 0);
        CHECK_EQ(((unsigned char *)given.message.data)[sizes[i] - 1], 1);
        CHECK_OK(mproc_queue_commit(given.queue, given.message, 0));
        CHECK_OK(mproc_queue_take(given.queue, 0, &given.message));
        CHECK_OK(mproc_message_free(given.message));
    }
    CHECK_OK(mproc_queue_destroy(given.queue));
}

/* Large ones between small ones, with and without room for the last, and a joinable queue's account of them. */
static void found_20_get_many_takes_large_messages_too(void)
{
    mproc_queue queue = create_with((mproc_queue_options){ .joinable = 1 });
    static unsigned char large[3][70000], out[3 * sizeof large[0] + 100];
    mproc_view messages[] = { { "small", 5 },   { large[0], sizeof large[0] }, { large[1], sizeof large[1] },
                              { "between", 7 }, { large[2], sizeof large[2] }, { "last", 4 } };
    size_t sizes[6], at = 0;
    for (int i = 0; i < 3; i++)
        memset(large[i], i + 1, sizeof large[i]);
    CHECK_EQ(mproc_queue_put_many(queue, messages, 6, 0), 6);
    /* One byte too few for the third large one. */
    size_t room = 12 + 3 * sizeof large[0] - 1;
    CHECK_EQ(mproc_queue_get_many(queue, 6, 0, out, room, sizes), 4);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(sizes[i], messages[i].size);
        CHECK(memcmp(out + at, messages[i].data, sizes[i]) == 0);
        at += sizes[i];
    }
    CHECK_EQ(size_of(queue), 2);
    CHECK_EQ(mproc_queue_get_many(queue, 6, 0, out, sizeof out, NULL), 2);
    CHECK(memcmp(out + sizeof large[2], "last", 4) == 0);
    for (int i = 0; i < 6; i++)
        CHECK_OK(mproc_queue_task_done(queue));
    CHECK_OK(mproc_queue_join(queue, 0, NULL));
    CHECK_OK(mproc_queue_destroy(queue));
}

static void put_many_checks_all_before_it_puts(void)
{
    mproc_queue queue = create();
    mproc_view messages[] = { { "one", 3 }, { "two", 3 }, { NULL, 1 } };
    CHECK_CODE(mproc_queue_put_many(queue, messages, 3, 0), MPROC_E_INVALID);
    CHECK_EQ(size_of(queue), 0);
    if (sizeof(size_t) > 4) {
        messages[2] = (mproc_view){ messages, (size_t)UINT32_MAX + 1 };
        CHECK_CODE(mproc_queue_put_many(queue, messages, 3, 0), MPROC_E_LIMIT);
        CHECK_EQ(size_of(queue), 0);
    }
    CHECK_OK(mproc_queue_destroy(queue));
}

static void in_place_lifetime(void)
{
    mproc_queue queue = create();
    static unsigned char bytes[50000];
    fill_bytes(bytes, sizeof bytes, 9);
    CHECK_OK(mproc_queue_put(queue, bytes, sizeof bytes, 0));
    CHECK_OK(mproc_queue_put(queue, bytes, sizeof bytes, 0));
    mproc_message message;
    CHECK_OK(mproc_queue_take(queue, 0, &message));
    CHECK_OK(mproc_queue_destroy(queue));
    CHECK_EQ(test_finish(test_start(release_foreign, MPROC_ARG(message))), 0);
    CHECK_EQ(message.size, sizeof bytes);
    CHECK(memcmp(message.data, bytes, sizeof bytes) == 0);
    CHECK_OK(mproc_message_free(message));
}

struct taking {
    mproc_queue queue;
    mproc_message message;
    bool stays;
};

static void take_in_thread(void *argument)
{
    struct taking *taking = argument;
    CHECK_OK(mproc_queue_take(taking->queue, 0, &taking->message));
    atomic_store(&test_board()[33], 1);
    if (taking->stays)
        WAIT_UNTIL(atomic_load(&test_board()[33]) == 2);
}

/* Committed by another thread than took it: by its own name while that one lives, not at all once it has ended and its
 * memory is somebody else's. The message is large where it comes from, and small where it goes. */
static void commit_by_another_thread(bool stays)
{
    mproc_queue small = create_with((mproc_queue_options){ .buffer_size = SMALL_RING }), queue = create();
    static unsigned char bytes[4000], others[4000];
    memset(bytes, 0x11, sizeof bytes);
    memset(others, 0x99, sizeof others);
    CHECK_OK(mproc_queue_put(small, bytes, sizeof bytes, 0));
    struct taking taking = { .queue = small, .stays = stays };
    atomic_store(&test_board()[33], 0);
    os_thread *thread = os_thread_start(take_in_thread, &taking);
    WAIT_UNTIL(atomic_load(&test_board()[33]) == 1);
    if (!stays) {
        os_thread_join(thread);
        /* This gives back what the dead had; and then it is used again. */
        mproc_memory_usage usage;
        CHECK_OK(mproc_get_memory_usage(&usage));
        for (int i = 0; i < 20; i++)
            CHECK_OK(mproc_queue_put(small, others, sizeof others, 0));
    }
    CHECK_CODE(mproc_queue_commit(queue, taking.message, 0), stays ? 0 : MPROC_E_STALE);
    CHECK_EQ(size_of(queue), stays);
    atomic_store(&test_board()[33], 2);
    if (stays) {
        os_thread_join(thread);
        CHECK_OK(mproc_queue_get(queue, 0, others, sizeof others, NULL));
        CHECK(memcmp(bytes, others, sizeof bytes) == 0);
    }
    CHECK_CODE(mproc_message_free(taking.message), stays ? MPROC_E_STALE : 0);
    CHECK_OK(mproc_queue_destroy(small));
    CHECK_OK(mproc_queue_destroy(queue));
}

static void in_place_by_another_thread(void)
{
    commit_by_another_thread(true);
    commit_by_another_thread(false);
}

/* A message that was begun before anything else was made. */
static void in_place_before_the_first_queue(void)
{
    mproc_message message;
    CHECK_OK(mproc_message_create(&message, sizeof(int64_t)));
    memcpy(message.data, &(int64_t){ 5 }, sizeof(int64_t));
    mproc_queue queue = create();
    CHECK_OK(mproc_queue_commit(queue, message, 0));
    CHECK_EQ(get_number(queue), 5);
    CHECK_OK(mproc_queue_destroy(queue));
}

static void many_messages_in_hand(void)
{
    enum { COUNT = 3000 };
    static mproc_message messages[COUNT];
    mproc_queue queue = create();
    for (int round = 0; round < 2; round++) {
        for (int64_t i = 0; i < COUNT; i++)
            put_number(queue, i);
        for (int i = 0; i < COUNT; i++)
            CHECK_OK(mproc_queue_take(queue, 0, &messages[i]));
        for (int i = 0; i < COUNT; i++) {
            int64_t number;
            memcpy(&number, messages[i].data, sizeof number);
            CHECK_EQ(number, i);
            CHECK_OK(mproc_message_free(messages[i]));
        }
        CHECK_CODE(mproc_message_free(messages[round]), MPROC_E_STALE);
    }
    CHECK_OK(mproc_queue_destroy(queue));
}

/* ---- Rule 20 ---- */

static int wait_for_item(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    int64_t number;
    atomic_fetch_add(&test_board()[31], 1);
    CHECK_CODE(mproc_queue_get(queue, MPROC_FOREVER, &number, sizeof number, NULL),
               (int)atomic_load(&test_board()[32]));
    return 0;
}

static int wait_for_room(mproc_task *task)
{
    mproc_queue queue;
    read_queue(task, &queue);
    int64_t number = 5;
    atomic_fetch_add(&test_board()[31], 1);
    int expected = (int)atomic_load(&test_board()[32]);
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, MPROC_FOREVER),
               expected == MPROC_E_END ? MPROC_E_CLOSED : expected);
    return 0;
}

static void rule_20_close_wakes_all(void)
{
    mproc_queue empty = create(), full = create_with((mproc_queue_options){ .capacity = 1 });
    put_number(full, 1);
    atomic_store(&test_board()[32], MPROC_E_END);
    mproc_process *processes[4];
    for (int i = 0; i < 4; i++)
        processes[i] = i % 2 ? test_start(wait_for_item, MPROC_ARG(empty)) : test_start(wait_for_room, MPROC_ARG(full));
    WAIT_UNTIL(atomic_load(&test_board()[31]) == 4);
    CHECK_OK(mproc_queue_close(empty, false));
    CHECK_OK(mproc_queue_close(full, false));
    for (int i = 0; i < 4; i++)
        CHECK_EQ(test_finish(processes[i]), 0);
    CHECK_EQ(get_number(full), 1);
    int64_t number;
    CHECK_CODE(mproc_queue_get(full, MPROC_FOREVER, &number, sizeof number, NULL), MPROC_E_END);
    CHECK_CODE(mproc_queue_put(full, &number, sizeof number, MPROC_FOREVER), MPROC_E_CLOSED);
    CHECK_CODE(mproc_queue_get(empty, 0, &number, sizeof number, NULL), MPROC_E_END);
    CHECK_OK(mproc_queue_close(full, false));
    CHECK_OK(mproc_queue_destroy(empty));
    CHECK_OK(mproc_queue_destroy(full));
}

static void rule_20_close_at_once(void)
{
    mproc_queue queue = create();
    static unsigned char large[30000];
    put_number(queue, 1);
    CHECK_OK(mproc_queue_put(queue, large, sizeof large, 0));
    put_number(queue, 2);
    CHECK_OK(mproc_queue_close(queue, true));
    CHECK_EQ(size_of(queue), 0);
    CHECK_EQ(mproc_queue_is_empty(queue), 1);
    int64_t number;
    mproc_message message;
    CHECK_CODE(mproc_queue_get(queue, MPROC_FOREVER, &number, sizeof number, NULL), MPROC_E_END);
    CHECK_CODE(mproc_queue_take(queue, MPROC_FOREVER, &message), MPROC_E_END);
    CHECK_OK(mproc_queue_close(queue, true));
    CHECK_OK(mproc_queue_destroy(queue));
}

static void destroy_wakes_all(void)
{
    mproc_queue empty = create(), full = create_with((mproc_queue_options){ .capacity = 1 });
    put_number(full, 1);
    atomic_store(&test_board()[32], MPROC_E_STALE);
    mproc_process *processes[2] = { test_start(wait_for_item, MPROC_ARG(empty)),
                                    test_start(wait_for_room, MPROC_ARG(full)) };
    WAIT_UNTIL(atomic_load(&test_board()[31]) == 2);
    CHECK_OK(mproc_queue_destroy(empty));
    CHECK_OK(mproc_queue_destroy(full));
    CHECK_EQ(test_finish(processes[0]), 0);
    CHECK_EQ(test_finish(processes[1]), 0);
}

/* ---- Handles ---- */

/* A queue that travels in a queue, in an argument, in memory that is shared. */
static int answer_in_queue(mproc_task *task)
{
    mproc_queue requests, replies;
    read_queue(task, &requests);
    CHECK_OK(mproc_queue_get(requests, MPROC_FOREVER, &replies, sizeof replies, NULL));
    put_number(replies, 42);
    mproc_queue third = { { (uint64_t)atomic_load(&test_board()[33]), (uint64_t)atomic_load(&test_board()[34]) } };
    put_number(third, 43);
    return 0;
}

static void handles_travel(void)
{
    mproc_queue requests = create(), replies = create(), third = create();
    atomic_store(&test_board()[33], (int64_t)third.id[0]);
    atomic_store(&test_board()[34], (int64_t)third.id[1]);
    mproc_process *process = test_start(answer_in_queue, MPROC_ARG(requests));
    CHECK_OK(mproc_queue_put(requests, &replies, sizeof replies, 0));
    CHECK_EQ(get_number(replies), 42);
    CHECK_EQ(get_number(third), 43);
    CHECK_EQ(test_finish(process), 0);
    CHECK_OK(mproc_queue_destroy(requests));
    CHECK_OK(mproc_queue_destroy(replies));
    CHECK_OK(mproc_queue_destroy(third));
}

static int get_in_pool(mproc_task *task)
{
    mproc_queue queue;
    if (mproc_task_read(task, &queue, sizeof queue) < 0)
        return -1;
    int64_t number = get_number(queue);
    return mproc_task_return(task, &number, sizeof number);
}

static void handle_in_a_pool(void)
{
    mproc_queue queue = create();
    mproc_pool *pool;
    CHECK_OK(mproc_pool_create(&pool, &(mproc_pool_options){ .workers = 2 }));
    mproc_result *result;
    CHECK_OK(mproc_pool_apply_async(pool, get_in_pool, MPROC_ARG(queue), NULL, &result));
    put_number(queue, 17);
    int64_t number = 0;
    CHECK_OK(mproc_result_get(result, test_limit_ms(30000), &number, sizeof number, NULL));
    CHECK_EQ(number, 17);
    CHECK_OK(mproc_result_free(result));
    CHECK_OK(mproc_pool_free(pool));
    CHECK_OK(mproc_queue_destroy(queue));
}

static void check_all_say(mproc_queue queue, int expected)
{
    int64_t number = 0;
    size_t size;
    mproc_message message;
    mproc_view view = { &number, sizeof number };
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, MPROC_FOREVER), expected);
    CHECK_CODE(mproc_queue_put_many(queue, &view, 1, 0), expected);
    CHECK_CODE(mproc_queue_put_many(queue, &view, 0, 0), expected);
    CHECK_CODE(mproc_queue_get(queue, MPROC_FOREVER, &number, sizeof number, &size), expected);
    CHECK_CODE(mproc_queue_get_many(queue, 1, 0, &number, sizeof number, &size), expected);
    CHECK_CODE(mproc_queue_get_many(queue, 0, 0, &number, sizeof number, &size), expected);
    CHECK_CODE(mproc_queue_take(queue, 0, &message), expected);
    CHECK_CODE(mproc_queue_get_count(queue, &size), expected);
    CHECK_NOT(mproc_queue_is_empty(queue), expected);
    CHECK_NOT(mproc_queue_is_full(queue), expected);
    CHECK_CODE(mproc_queue_close(queue, false), expected);
    CHECK_CODE(mproc_queue_close(queue, true), expected);
    CHECK_CODE(mproc_queue_attach(queue, MPROC_QUEUE_PRODUCER), expected);
    CHECK_CODE(mproc_queue_detach(queue, MPROC_QUEUE_PRODUCER), expected);
    CHECK_CODE(mproc_queue_task_done(queue), expected);
    CHECK_CODE(mproc_queue_join(queue, 0, &size), expected);
    CHECK_CODE(mproc_queue_destroy(queue), expected);
}

static void stale_handles(void)
{
    mproc_queue queue = create(), others[12];
    CHECK_OK(mproc_queue_destroy(queue));
    check_all_say(queue, MPROC_E_STALE);
    /* The place is used again, by another queue. */
    for (int i = 0; i < 12; i++)
        others[i] = create();
    check_all_say(queue, MPROC_E_STALE);
    for (int i = 0; i < 12; i++)
        CHECK_OK(mproc_queue_destroy(others[i]));
}

static int scene_makes_a_queue(const char *argument)
{
    (void)argument;
    mproc_queue queue = create();
    atomic_store(&test_board()[33], (int64_t)queue.id[0]);
    atomic_store(&test_board()[34], (int64_t)queue.id[1]);
    return 0;
}

static void foreign_handles(void)
{
    mproc_queue queue = create();
    check_all_say((mproc_queue){ { 0, 0 } }, MPROC_E_FOREIGN);
    check_all_say((mproc_queue){ { UINT64_MAX, UINT64_MAX } }, MPROC_E_FOREIGN);
    CHECK_EQ(test_scene("scene_makes_a_queue", "", NULL, 0), 0);
    check_all_say(
        (mproc_queue){ { (uint64_t)atomic_load(&test_board()[33]), (uint64_t)atomic_load(&test_board()[34]) } },
        MPROC_E_FOREIGN);
    /* Of another type. */
    mproc_lock lock;
    CHECK_OK(mproc_lock_create(&lock, NULL));
    check_all_say((mproc_queue){ { lock.id[0], lock.id[1] } }, MPROC_E_FOREIGN);
    CHECK_CODE(mproc_lock_acquire((mproc_lock){ { queue.id[0], queue.id[1] } }, 0), MPROC_E_FOREIGN);
    CHECK_OK(mproc_lock_destroy(lock));
    CHECK_OK(mproc_queue_destroy(queue));
}

static void bad_options(void)
{
    mproc_queue queue;
    CHECK_CODE(mproc_queue_create(&queue, &(mproc_queue_options){ .capacity = (size_t)INT32_MAX + 1 }), MPROC_E_LIMIT);
    CHECK_CODE(mproc_queue_create(&queue, &(mproc_queue_options){ .buffer_size = ((size_t)64 << 20) + 1 }),
               MPROC_E_LIMIT);
    CHECK_CONTAINS(mproc_last_error(), "67108864");
    queue = create_with(
        (mproc_queue_options){ .capacity = 1, .buffer_size = 1, .name = "a name of more than 31 bytes, cut" });
    put_number(queue, 1);
    int64_t number;
    CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, 0), MPROC_E_FULL);
    CHECK_CONTAINS(mproc_last_error(), "a name of more than 31 bytes, c");
    CHECK_OK(mproc_queue_destroy(queue));
}

static void many_queues(void)
{
    enum { COUNT = 300 };
    static mproc_queue queues[COUNT];
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < COUNT; i++) {
            queues[i] = create();
            put_number(queues[i], i);
        }
        for (int i = 0; i < COUNT; i++) {
            CHECK_EQ(get_number(queues[i]), i);
            CHECK_OK(mproc_queue_destroy(queues[i]));
        }
    }
}

/* ---- One type of message ---- */

static void a_message_of_a_pipe_goes_into_a_queue(void)
{
    mproc_queue queue = create();
    struct pair pair = pair_make(0);
    static unsigned char sent[50000], got[60000];
    for (size_t size = 0; size <= sizeof sent; size += sizeof sent / 2) {
        memset(sent, (int)size + 3, size);
        CHECK_OK(mproc_connection_send(pair.first, sent, size, 0));
        mproc_message message;
        CHECK_OK(mproc_connection_take(pair.second, 0, &message));
        CHECK_EQ(message.size, size);
        CHECK_OK(mproc_queue_commit(queue, message, 0));
        CHECK_CODE(mproc_message_free(message), MPROC_E_STALE);
        size_t got_size = 7;
        CHECK_OK(mproc_queue_get(queue, 0, got, sizeof got, &got_size));
        CHECK(got_size == size && memcmp(got, sent, size) == 0);
    }
    pair_close(pair);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* ---- Rule 29 ---- */

static void rule_29_time_outs(void)
{
    static const int64_t timeouts[] = { 0, -1, INT64_MIN, 1, 30 };
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 1 });
    for (int full = 0; full < 2; full++) {
        for (size_t i = 0; i < TEST_COUNT(timeouts); i++) {
            int64_t before_ms = os_now_ms(), number = 1;
            /* Where nothing was waited for it is told what was found. */
            int expected = timeouts[i] > 0 ? MPROC_E_TIMEOUT : full ? MPROC_E_FULL : MPROC_E_EMPTY;
            if (full)
                CHECK_CODE(mproc_queue_put(queue, &number, sizeof number, timeouts[i]), expected);
            else
                CHECK_CODE(mproc_queue_get(queue, timeouts[i], &number, sizeof number, NULL), expected);
            CHECK_LE(os_now_ms() - before_ms, test_limit_ms(2000));
            CHECK(timeouts[i] < 30 || os_now_ms() - before_ms >= 10);
        }
        if (!full)
            put_number(queue, 1);
    }
    CHECK_EQ(get_number(queue), 1);
    CHECK_OK(mproc_queue_destroy(queue));
}

/* Two wait for room. There is room for one message, but that of the first is too large for any queue: the other one
 * must not wait for the end of its slice, which is a third of a second by then. */
static void put_too_much(void *queue)
{
    static char byte;
    CHECK_CODE(mproc_queue_put(*(mproc_queue *)queue, &byte, SIZE_MAX / 2, MPROC_FOREVER), MPROC_E_LIMIT);
}

static void put_a_byte(void *queue)
{
    CHECK_OK(mproc_queue_put(*(mproc_queue *)queue, "b", 1, MPROC_FOREVER));
}

static int64_t ms_from_room_to_put(int round)
{
    mproc_queue queue = create_with((mproc_queue_options){ .capacity = 1 });
    char byte;
    CHECK_OK(mproc_queue_put(queue, "a", 1, 0));
    os_thread *first = os_thread_start(put_too_much, &queue);
    os_sleep_ms(30);
    os_thread *second = os_thread_start(put_a_byte, &queue);
    os_sleep_ms(700 + 40 * round);
    int64_t before_ms = os_now_ms();
    CHECK_OK(mproc_queue_get(queue, 0, &byte, 1, NULL));
    os_thread_join(second);
    int64_t took = os_now_ms() - before_ms;
    CHECK_OK(mproc_queue_get(queue, 0, &byte, 1, NULL));
    CHECK_EQ(byte, 'b');
    os_thread_join(first);
    CHECK_OK(mproc_queue_destroy(queue));
    return took;
}

/* Most of the time it takes no time: a busy machine is no failure. */
static void rule_29_room_is_handed_on(void)
{
    int late = 0;
    for (int round = 0; round < 7; round++)
        late += ms_from_room_to_put(round) > 50;
    CHECK_LE(late, 3);
}

static const struct test tests[] = {
    TEST(rule_18_bounded),
    TEST(rule_18_unbounded),
    TEST_WITH(rule_18_positions_wrap, 0, 120),
    TEST(rule_18_exit_right_after_put),
    TEST(rule_18_join_before_drain),
    TEST_WITH(rule_18_order_per_producer, 0, 120),
    TEST_WITH(rule_18_many_consumers, 0, 120),
    TEST_WITH(rule_18_exact_while_others_work, 0, 60),
    TEST(rule_18_put_many),
    TEST(put_many_checks_all_before_it_puts),
    TEST(found_13_message_of_another_process),
    TEST(found_20_get_many_takes_large_messages_too),
    TEST_WITH(rule_18_many_at_once_between_processes, 0, 120),
    TEST(rule_14_too_short),
    TEST_WITH(rule_22_sizes_around_the_ring, 0, 60),
    TEST(rule_22_beyond_the_limit),
    TEST_WITH(rule_22_a_backlog_as_large_as_the_memory, TEST_ONCE, 60),
    TEST(in_place_sizes),
    TEST(in_place_after_failure),
    TEST(in_place_lifetime),
    TEST(in_place_by_another_thread),
    TEST_WITH(in_place_before_the_first_queue, TEST_FRESH, 0),
    TEST(many_messages_in_hand),
    TEST(rule_20_close_wakes_all),
    TEST(rule_20_close_at_once),
    TEST(destroy_wakes_all),
    TEST(handles_travel),
    TEST(handle_in_a_pool),
    TEST(stale_handles),
    TEST(foreign_handles),
    TEST(bad_options),
    TEST(many_queues),
    TEST(a_message_of_a_pipe_goes_into_a_queue),
    TEST_WITH(rule_29_time_outs, 0, 60),
    TEST_WITH(rule_29_many_at_once_beside_others, TEST_ONCE, 120),
    TEST_WITH(rule_29_room_is_handed_on, TEST_ONCE, 60),
};

static const struct scene scenes[] = {
    SCENE(scene_makes_a_queue),
    SCENE(scene_with_little_memory),
    SCENE(scene_fills_its_memory),
};

TEST_MAIN(tests, scenes)
