/* Where the time of one small task goes, step by step: 8 bytes in and 8 bytes out, one worker that is awake.
 *
 * submit and get are what a call takes in a row of calls whose tasks need no waiting; the steps between them are those
 * of a task that is submitted and waited for alone, by its own outcome, in a pool that keeps statistics. */
#include "bench.h"

#include <stdlib.h>

#define ROUNDS 2000
/* Fewer than a worker is given ahead of time. */
#define ROW 64

enum step { STEP_SUBMIT, STEP_WAIT, STEP_RUN, STEP_RETURN, STEP_GET, STEP_WHOLE };

static mproc_pool *make_pool(void)
{
    mproc_pool *pool;
    mproc_pool_options options = { .workers = 1, .start_method = MPROC_START_FORK, .statistics = 1 };
    BENCH_CHECK(mproc_pool_create(&pool, &options) == 0);
    return pool;
}

static mproc_result *submit_one(mproc_pool *pool, int64_t n)
{
    mproc_result *result;
    BENCH_CHECK(mproc_pool_apply_async(pool, bench_task, MPROC_ARG(n), NULL, &result) == 0);
    return result;
}

static void get_one(mproc_result *result, int64_t n)
{
    int64_t value;
    BENCH_CHECK(mproc_result_get(result, MPROC_FOREVER, &value, sizeof value, NULL) == 0);
    BENCH_CHECK(value == bench_task_value(n));
    BENCH_CHECK(mproc_result_free(result) == 0);
}

/* One row of calls; the time of the submissions, or of the gets. */
static double time_row(mproc_pool *pool, enum step step)
{
    mproc_result *results[ROW];
    double began = bench_now();
    for (int i = 0; i < ROW; i++)
        results[i] = submit_one(pool, i);
    double submitted = bench_now();
    BENCH_CHECK(mproc_wait_results(results, ROW, MPROC_WAIT_FOR_ALL, MPROC_FOREVER, NULL) == ROW);
    double ready = bench_now();
    for (int i = 0; i < ROW; i++)
        get_one(results[i], i);
    return (step == STEP_SUBMIT ? submitted - began : bench_now() - ready) / ROW;
}

static double of_outcome(const mproc_outcome *outcome, enum step step)
{
    int64_t ns = step == STEP_WAIT ? outcome->wait_ns : step == STEP_RUN ? outcome->run_ns : outcome->return_ns;
    return 1e-9 * (double)ns;
}

static double time_alone(mproc_pool *pool, enum step step)
{
    mproc_outcome outcome;
    double began = bench_now();
    mproc_result *result = submit_one(pool, 1);
    BENCH_CHECK(mproc_result_get_outcome(result, MPROC_FOREVER, &outcome) == 0);
    get_one(result, 1);
    return step == STEP_WHOLE ? bench_now() - began : of_outcome(&outcome, step);
}

static double measure(int step)
{
    double *times = calloc(ROUNDS, sizeof *times);
    mproc_pool *pool = make_pool();
    BENCH_CHECK(times);
    for (int i = 0; i < ROUNDS; i++)
        times[i] = step == STEP_SUBMIT || step == STEP_GET ? time_row(pool, step) : time_alone(pool, step);
    double median = bench_quantile(times, ROUNDS, 0.5);
    bench_pool_end(pool);
    free(times);
    return median;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "task_steps_submit", "s", measure, STEP_SUBMIT, 5 }, { "task_steps_wait", "s", measure, STEP_WAIT, 5 },
        { "task_steps_run", "s", measure, STEP_RUN, 5 },       { "task_steps_return", "s", measure, STEP_RETURN, 5 },
        { "task_steps_get", "s", measure, STEP_GET, 5 },       { "task_steps_whole", "s", measure, STEP_WHOLE, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
