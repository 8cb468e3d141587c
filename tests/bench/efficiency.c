/* Short tasks on two workers: which share of two CPUs went into the tasks' own work, N x work / (2 x elapsed).
 *
 * A task computes for a fixed number of steps, not until a clock says so: by the clock, time stolen from a task by the
 * parent or by another machine would count as its work. .bare are two forked processes that do the same work with no
 * library between: the most that the machine gave in this run. */
#include "bench.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS       2
#define TOTAL_SECONDS 0.4
#define BATCH         10000

/* A chain of dependent multiplications: its speed depends on the clock rate alone. */
static uint64_t compute(uint64_t value, int64_t steps)
{
    for (int64_t i = 0; i < steps; i++)
        value = value * 6364136223846793005u + 1442695040888963407u;
    return value;
}

struct work {
    int64_t steps;
    uint64_t seed;
};

static int work_task(mproc_task *task)
{
    struct work work;
    if (mproc_task_read(task, &work, sizeof work) < 0)
        return -1;
    uint64_t value = compute(work.seed, work.steps);
    return mproc_task_return(task, &value, sizeof value);
}

/** Steps that take so many seconds: the fastest of many trials, as the others were disturbed. */
static int64_t calibrate(double seconds)
{
    const int64_t steps = 20000;
    volatile uint64_t sink = 0;
    double best = 1;
    for (int i = 0; i < 1000; i++) {
        double start = bench_now();
        sink = compute(sink, steps);
        double elapsed = bench_now() - start;
        best = elapsed < best ? elapsed : best;
    }
    return (int64_t)((double)steps * seconds / best);
}

static void run_batch(mproc_pool *pool, int64_t steps, int count)
{
    mproc_result **results = calloc((size_t)count, sizeof *results);
    BENCH_CHECK(results);
    for (int i = 0; i < count; i++) {
        struct work work = { .steps = steps, .seed = (uint64_t)i };
        BENCH_CHECK(mproc_pool_apply_async(pool, work_task, MPROC_ARG(work), NULL, &results[i]) == 0);
    }
    for (int i = 0; i < count; i++) {
        uint64_t value;
        BENCH_CHECK(mproc_result_get(results[i], MPROC_FOREVER, &value, sizeof value, NULL) == 0);
        /* Every one would cost as much as the task itself. */
        BENCH_CHECK(i % 1000 || value == compute((uint64_t)i, steps));
        mproc_result_free(results[i]);
    }
    free(results);
}

static double measure(int microseconds)
{
    double work = microseconds * 1e-6;
    int64_t steps = calibrate(work);
    int tasks = (int)(TOTAL_SECONDS * WORKERS / work);
    mproc_pool *pool = bench_pool(WORKERS);
    run_batch(pool, steps, 100);
    double start = bench_now();
    for (int done = 0; done < tasks; done += BATCH)
        run_batch(pool, steps, tasks - done < BATCH ? tasks - done : BATCH);
    double elapsed = bench_now() - start;
    bench_pool_end(pool);
    return tasks * work / (WORKERS * elapsed);
}

static double measure_bare(int microseconds)
{
    double work = microseconds * 1e-6;
    int64_t steps = calibrate(work);
    int tasks = (int)(TOTAL_SECONDS / work);
    double start = bench_now();
    for (int w = 0; w < WORKERS; w++) {
        pid_t pid = fork();
        BENCH_CHECK(pid >= 0);
        if (pid == 0) {
            volatile uint64_t sink = 0;
            for (int i = 0; i < tasks; i++)
                sink = compute(sink, steps);
            _exit(0);
        }
    }
    for (int w = 0; w < WORKERS; w++) {
        int status;
        BENCH_CHECK(wait(&status) > 0 && status == 0);
    }
    return tasks * work / (bench_now() - start);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "efficiency_10us", "share", measure, 10, 7 },
        { "efficiency_10us.bare", "share", measure_bare, 10, 5 },
        { "efficiency_100us", "share", measure, 100, 7 },
        { "efficiency_100us.bare", "share", measure_bare, 100, 5 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
