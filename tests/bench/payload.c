/* Large arguments and values through two workers: bytes per second, those of the argument and those of the value
 * together.
 * Copied: from the caller's buffer, to the task's value, and to the caller's buffer again. In place: the caller builds
 * the argument where the task reads it, the task builds the value where the caller reads it; every byte is written, and
 * every byte is read, on both sides. Beside them, what the machine does with the same bytes in one process. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define WORKERS   2
#define DEPTH_MAX 64 /* tasks under way: as many as have 4 MiB of arguments, four at least */
#define DEPTH_MIN 4
#define KIB       ((size_t)1 << 10)
#define MIB       ((size_t)1 << 20)

static const size_t sizes[] = { 4 * KIB, 32 * KIB, 256 * KIB, MIB, 16 * MIB, 64 * MIB };

/* What one repeat moves in each direction. */
static size_t amount(size_t size)
{
    return size >= 16 * MIB ? 16 * size : 256 * MIB;
}

static uint64_t depth_for(size_t size)
{
    size_t depth = 4 * MIB / size;
    return depth > DEPTH_MAX ? DEPTH_MAX : depth < DEPTH_MIN ? DEPTH_MIN : depth;
}

static uint64_t sum_of(const void *data, size_t size)
{
    uint64_t word, sum = 0;
    for (size_t i = 0; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, (const char *)data + i, sizeof word);
        sum += word;
    }
    return sum;
}

static void build(void *data, size_t size, uint64_t number)
{
    memset(data, (int)number, size);
    memcpy(data, &number, sizeof number);
}

static void check(const void *data, size_t size, uint64_t number)
{
    uint64_t pattern = 0x0101010101010101u * (number & 0xff);
    BENCH_CHECK(sum_of(data, size) - number == pattern * (size / sizeof number - 1));
}

static int echo(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    return mproc_task_return(task, argument.data, argument.size);
}

static int echo_in_place(mproc_task *task)
{
    mproc_view argument = mproc_task_get_argument(task);
    void *value;
    if (mproc_task_reserve_value(task, argument.size, &value) < 0)
        return -1;
    memcpy(value, argument.data, argument.size);
    return 0;
}

/* ---- Copied ---- */

struct buffers {
    unsigned char *in, *out;
    size_t size;
};

static mproc_result *submit_copied(mproc_pool *pool, struct buffers *buffers, uint64_t number)
{
    mproc_result *result;
    memcpy(buffers->in, &number, sizeof number);
    BENCH_CHECK(mproc_pool_apply_async(pool, echo, MPROC_ARG_BYTES(buffers->in, buffers->size), NULL, &result) == 0);
    return result;
}

static void fetch_copied(mproc_result *result, struct buffers *buffers, uint64_t number)
{
    uint64_t got;
    BENCH_CHECK(mproc_result_get(result, MPROC_FOREVER, buffers->out, buffers->size, NULL) == 0);
    memcpy(&got, buffers->out, sizeof got);
    BENCH_CHECK(got == number && buffers->out[buffers->size - 1] == 1);
    mproc_result_free(result);
}

/* ---- In place ---- */

static mproc_result *submit_in_place(mproc_pool *pool, struct buffers *buffers, uint64_t number)
{
    mproc_message message;
    mproc_result *result;
    BENCH_CHECK(mproc_message_create(&message, buffers->size) == 0);
    build(message.data, message.size, number);
    BENCH_CHECK(mproc_pool_apply_message(pool, echo_in_place, message, NULL, &result) == 0);
    return result;
}

static void fetch_in_place(mproc_result *result, struct buffers *buffers, uint64_t number)
{
    mproc_outcome outcome;
    BENCH_CHECK(mproc_result_get_outcome(result, MPROC_FOREVER, &outcome) == 0 && outcome.code == 0);
    BENCH_CHECK(outcome.value.size == buffers->size);
    check(outcome.value.data, outcome.value.size, number);
    mproc_result_free(result);
}

/* ---- Both ---- */

typedef mproc_result *submit_fn(mproc_pool *pool, struct buffers *buffers, uint64_t number);
typedef void fetch_fn(mproc_result *result, struct buffers *buffers, uint64_t number);

static void run(mproc_pool *pool, struct buffers *buffers, uint64_t tasks, submit_fn *submit, fetch_fn *fetch)
{
    mproc_result *results[DEPTH_MAX];
    uint64_t depth = depth_for(buffers->size);
    for (uint64_t i = 0; i < tasks + depth; i++) {
        if (i >= depth)
            fetch(results[i % depth], buffers, i - depth);
        if (i < tasks)
            results[i % depth] = submit(pool, buffers, i);
    }
}

static struct buffers make_buffers(size_t size)
{
    struct buffers buffers = { malloc(size), malloc(size), size };
    BENCH_CHECK(buffers.in != NULL && buffers.out != NULL);
    memset(buffers.in, 1, size);
    memset(buffers.out, 1, size);
    return buffers;
}

static void free_buffers(const struct buffers *buffers)
{
    free(buffers->in);
    free(buffers->out);
}

static double rate(size_t size, submit_fn *submit, fetch_fn *fetch)
{
    struct buffers buffers = make_buffers(size);
    mproc_pool *pool = bench_pool(WORKERS);
    uint64_t tasks = amount(size) / size;
    run(pool, &buffers, 2 * depth_for(size), submit, fetch);
    double begin = bench_now();
    run(pool, &buffers, tasks, submit, fetch);
    double elapsed = bench_now() - begin;
    bench_pool_end(pool);
    free_buffers(&buffers);
    return 2.0 * (double)(tasks * size) / elapsed;
}

static double copied(int index)
{
    return rate(sizes[index], submit_copied, fetch_copied);
}

static double in_place(int index)
{
    return rate(sizes[index], submit_in_place, fetch_in_place);
}

/* To the argument, to the value, and out again: the copies that a task with copied payloads takes at the least. Each
 * block begins with a page, where memcpy is at its best. */
static double bare(int index)
{
    unsigned char *blocks[4];
    size_t size = sizes[index];
    for (int i = 0; i < 4; i++) {
        BENCH_CHECK((blocks[i] = aligned_alloc(4096, size)) != NULL);
        memset(blocks[i], 1, size);
    }
    uint64_t tasks = amount(size) / size;
    double begin = bench_now();
    for (uint64_t i = 0; i < tasks; i++) {
        memcpy(blocks[0], &i, sizeof i);
        for (int k = 1; k < 4; k++)
            memcpy(blocks[k], blocks[k - 1], size);
        BENCH_CHECK(memcmp(blocks[3], &i, sizeof i) == 0);
    }
    double elapsed = bench_now() - begin;
    for (int i = 0; i < 4; i++)
        free(blocks[i]);
    return 2.0 * (double)(tasks * size) / elapsed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "payload_4k", "bytes/s", copied, 0, 7 },
        { "payload_4k.bare", "bytes/s", bare, 0, 7 },
        { "payload_4k_in_place", "bytes/s", in_place, 0, 7 },
        { "payload_32k", "bytes/s", copied, 1, 7 },
        { "payload_32k.bare", "bytes/s", bare, 1, 7 },
        { "payload_32k_in_place", "bytes/s", in_place, 1, 7 },
        { "payload_256k", "bytes/s", copied, 2, 7 },
        { "payload_256k.bare", "bytes/s", bare, 2, 7 },
        { "payload_256k_in_place", "bytes/s", in_place, 2, 7 },
        { "payload_1m", "bytes/s", copied, 3, 7 },
        { "payload_1m.bare", "bytes/s", bare, 3, 7 },
        { "payload_1m_in_place", "bytes/s", in_place, 3, 7 },
        { "payload_16m", "bytes/s", copied, 4, 7 },
        { "payload_16m.bare", "bytes/s", bare, 4, 7 },
        { "payload_16m_in_place", "bytes/s", in_place, 4, 7 },
        { "payload_64m", "bytes/s", copied, 5, 5 },
        { "payload_64m.bare", "bytes/s", bare, 5, 5 },
        { "payload_64m_in_place", "bytes/s", in_place, 5, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
