/* Tasks of 50 ms submitted right after a burst of tiny ones, four for each of 8 workers: the time until all are done,
 * 0.2 s if every worker gets its share. It shows whether what was learnt about the tiny ones leaves the long ones
 * queued behind each other. In the _away row nobody waits while they run: the submitter has other things to do. */
#include "bench.h"

#define WORKERS      8
#define SHORT_TASKS  20000
#define LONG_TASKS   (4 * WORKERS)
#define LONG_SECONDS 0.05
#define AWAY_SECONDS (4 * LONG_SECONDS)

static int long_task(mproc_task *task)
{
    bench_sleep(LONG_SECONDS);
    return bench_task(task);
}

static void submit(mproc_pool *pool, mproc_task_fn *function, mproc_result **results, int64_t count)
{
    for (int64_t n = 0; n < count; n++)
        BENCH_CHECK(mproc_pool_apply_async(pool, function, MPROC_ARG(n), NULL, &results[n]) == 0);
}

static void collect(mproc_result **results, int64_t count)
{
    for (int64_t n = 0; n < count; n++) {
        int64_t value;
        BENCH_CHECK(mproc_result_get(results[n], MPROC_FOREVER, &value, sizeof value, NULL) == 0);
        BENCH_CHECK(value == bench_task_value(n));
        mproc_result_free(results[n]);
    }
}

static double measure(int away)
{
    static mproc_result *results[SHORT_TASKS];
    mproc_pool *pool = bench_pool(WORKERS);
    submit(pool, bench_task, results, SHORT_TASKS);
    collect(results, SHORT_TASKS);
    double start = bench_now();
    submit(pool, long_task, results, LONG_TASKS);
    if (away)
        bench_sleep(AWAY_SECONDS);
    collect(results, LONG_TASKS);
    double elapsed = bench_now() - start;
    bench_pool_end(pool);
    return elapsed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "long_after_short", "s", measure, 0, 5 },
        { "long_after_short_away", "s", measure, 1, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
