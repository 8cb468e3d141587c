/* One task after another, each waited for: the time from the call to its value. The worker has just run a task, but for
 * the _asleep row, where both sides had time to go to sleep. */
#include "bench.h"

#define WORKERS      2
#define WARM_UP      1000
#define ROUNDS       50000
#define ASLEEP_ROUND 200

static double round_trip(mproc_pool *pool, int64_t n)
{
    int64_t value;
    double start = bench_now();
    BENCH_CHECK(mproc_pool_apply(pool, bench_task, MPROC_ARG(n), NULL, &value, sizeof value, NULL) == 0);
    double elapsed = bench_now() - start;
    BENCH_CHECK(value == bench_task_value(n));
    return elapsed;
}

static double measure_percentile(int percent)
{
    static double times[ROUNDS];
    mproc_pool *pool = bench_pool(WORKERS);
    for (int64_t n = 0; n < WARM_UP; n++)
        round_trip(pool, n);
    for (int64_t n = 0; n < ROUNDS; n++)
        times[n] = round_trip(pool, n);
    bench_pool_end(pool);
    return bench_quantile(times, ROUNDS, percent / 100.0);
}

static double measure_asleep(int percent)
{
    double times[ASLEEP_ROUND];
    mproc_pool *pool = bench_pool(WORKERS);
    for (int64_t n = 0; n < ASLEEP_ROUND; n++) {
        bench_sleep(0.002);
        times[n] = round_trip(pool, n);
    }
    bench_pool_end(pool);
    return bench_quantile(times, ASLEEP_ROUND, percent / 100.0);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "roundtrip_p50", "s", measure_percentile, 50, 7 },
        { "roundtrip_p99", "s", measure_percentile, 99, 7 },
        { "roundtrip_asleep_p50", "s", measure_asleep, 50, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
