/* apply_async and get of small tasks, 8 bytes in and 8 bytes out, a batch at a time. The _all row has all its tasks
 * outstanding at once; thread_pool is a pool of threads. */
#include "bench.h"

#include <stdlib.h>

#define TASKS 400000
#define BATCH 10000

static double tasks_per_second(mproc_pool *pool, int64_t batch)
{
    mproc_result **results = calloc((size_t)batch, sizeof *results);
    BENCH_CHECK(results);
    bench_batch(pool, results, 0, batch);
    double start = bench_now();
    for (int64_t first = 0; first < TASKS; first += batch)
        bench_batch(pool, results, first, batch);
    double elapsed = bench_now() - start;
    bench_pool_end(pool);
    free(results);
    return TASKS / elapsed;
}

static double measure_batches(int workers)
{
    return tasks_per_second(bench_pool(workers), BATCH);
}

static double measure_threads(int workers)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = workers, .kind = MPROC_POOL_THREADS };
    BENCH_CHECK(mproc_pool_create(&pool, &options) == 0);
    return tasks_per_second(pool, BATCH);
}

static double measure_all(int workers)
{
    return tasks_per_second(bench_pool(workers), TASKS);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "apply_async_w2", "tasks/s", measure_batches, 2, 7 },
        { "apply_async_w8", "tasks/s", measure_batches, 8, 7 },
        { "apply_async_w128", "tasks/s", measure_batches, 128, 7 },
        { "apply_async_w2_all", "tasks/s", measure_all, 2, 5 },
        { "thread_pool_w2", "tasks/s", measure_threads, 2, 7 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
