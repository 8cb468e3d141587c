/* The programs that introductions to Python's multiprocessing show, whole: from making the pool to its end.
 *
 * documents_stop_early.bare are as many forked processes as that pool has workers, each of which sleeps its share of the
 * times: what the machine makes of a sleep of 1 ms. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS   50000
#define TRUE_AT 10000
#define WORKERS 10

static int identity(mproc_task *task)
{
    int64_t n;
    if (mproc_task_read(task, &n, sizeof n) < 0)
        return -1;
    return mproc_task_return(task, &n, sizeof n);
}

/** Sleeps 1 ms; true for one number. */
static int find(mproc_task *task)
{
    int64_t n;
    if (mproc_task_read(task, &n, sizeof n) < 0)
        return -1;
    bench_sleep(0.001);
    char found = n == TRUE_AT;
    return mproc_task_return(task, &found, sizeof found);
}

static mproc_result **submit_all(mproc_pool *pool, mproc_task_fn *function)
{
    mproc_result **results = calloc(TASKS, sizeof *results);
    BENCH_CHECK(results);
    for (int64_t n = 0; n < TASKS; n++)
        BENCH_CHECK(mproc_pool_apply_async(pool, function, MPROC_ARG(n), NULL, &results[n]) == 0);
    return results;
}

static void free_all(mproc_result **results)
{
    for (int n = 0; n < TASKS; n++)
        BENCH_CHECK(mproc_result_free(results[n]) == 0);
    free(results);
}

static double measure_50000(int workers)
{
    double start = bench_now();
    mproc_pool *pool = bench_pool(workers);
    mproc_result **results = submit_all(pool, identity);
    BENCH_CHECK(mproc_pool_close(pool) == 0 && mproc_pool_join(pool, MPROC_FOREVER) == 0);
    for (int64_t n = 0; n < TASKS; n++) {
        int64_t value;
        BENCH_CHECK(mproc_result_get(results[n], MPROC_FOREVER, &value, sizeof value, NULL) == 0 && value == n);
    }
    free_all(results);
    BENCH_CHECK(mproc_pool_free(pool) == 0);
    return bench_now() - start;
}

static double measure_stop_early(int workers)
{
    double start = bench_now();
    mproc_pool *pool = bench_pool(workers);
    mproc_result **results = submit_all(pool, find);
    for (int n = 0;; n++) {
        char found;
        BENCH_CHECK(mproc_result_get(results[n], MPROC_FOREVER, &found, sizeof found, NULL) == 0);
        BENCH_CHECK(found == (n == TRUE_AT));
        if (found)
            break;
    }
    BENCH_CHECK(mproc_pool_terminate(pool) == 0 && mproc_pool_join(pool, MPROC_FOREVER) == 0);
    double elapsed = bench_now() - start;
    BENCH_CHECK(mproc_result_get(results[TASKS - 1], 0, NULL, 0, NULL) == MPROC_E_TERMINATED);
    free_all(results);
    BENCH_CHECK(mproc_pool_free(pool) == 0);
    return elapsed;
}

static double measure_sleeps(int processes)
{
    double start = bench_now();
    for (int p = 0; p < processes; p++) {
        pid_t pid = fork();
        BENCH_CHECK(pid >= 0);
        if (pid == 0) {
            for (int n = 0; n < TRUE_AT / processes; n++)
                bench_sleep(0.001);
            _exit(0);
        }
    }
    for (int p = 0; p < processes; p++) {
        int status;
        BENCH_CHECK(wait(&status) > 0 && status == 0);
    }
    return bench_now() - start;
}

#define LINES_MAPPED  100
#define LINES_WORKERS 5

static FILE *null_file;

/** Prints its number ten times, to nowhere. */
static void print_ten(int n)
{
    for (int i = 0; i < 10; i++)
        fprintf(null_file, "%d\n", n + 1);
    fflush(null_file);
}

static int print_item(const void *in, void *out, mproc_task *task)
{
    (void)task;
    print_ten(*(const int *)in);
    *(int *)out = *(const int *)in + 1;
    return 0;
}

static int print_process(mproc_task *task)
{
    int n;
    if (mproc_task_read(task, &n, sizeof n) < 0)
        return 255;
    print_ten(n);
    return n + 1;
}

static double time_pool(void)
{
    int in[LINES_MAPPED], out[LINES_MAPPED];
    for (int n = 0; n < LINES_MAPPED; n++)
        in[n] = n;
    double start = bench_now();
    mproc_pool *pool = bench_pool(LINES_WORKERS);
    BENCH_CHECK(mproc_pool_map(pool, print_item, in, sizeof *in, LINES_MAPPED, out, sizeof *out, NULL) == 0);
    double elapsed = bench_now() - start;
    for (int n = 0; n < LINES_MAPPED; n++)
        BENCH_CHECK(out[n] == n + 1);
    bench_pool_end(pool);
    return elapsed;
}

static double time_processes(void)
{
    mproc_process *processes[LINES_MAPPED];
    double start = bench_now();
    for (int n = 0; n < LINES_MAPPED; n++) {
        mproc_process_options options = { .function = print_process,
                                          .args = MPROC_ARG(n),
                                          .start_method = MPROC_START_FORK };
        BENCH_CHECK(mproc_process_create(&processes[n], &options) == 0);
        BENCH_CHECK(mproc_process_start(processes[n]) == 0);
    }
    for (int n = 0; n < LINES_MAPPED; n++)
        BENCH_CHECK(mproc_process_join(processes[n], MPROC_FOREVER) == 0);
    double elapsed = bench_now() - start;
    for (int n = 0; n < LINES_MAPPED; n++) {
        int64_t code;
        BENCH_CHECK(mproc_process_get_exit_code(processes[n], &code) == 0 && code == n + 1);
        mproc_process_free(processes[n]);
    }
    return elapsed;
}

/* The documents time the pool until map has returned and the processes until all are joined; so do we. */
static double measure_ratio(int unused)
{
    (void)unused;
    double processes = time_processes();
    return processes / time_pool();
}

static double measure_processes(int unused)
{
    (void)unused;
    return time_processes();
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    null_file = fopen("/dev/null", "w");
    BENCH_CHECK(null_file);
    static const struct bench_row rows[] = {
        { "documents_50000", "s", measure_50000, WORKERS, 7 },
        { "documents_stop_early", "s", measure_stop_early, WORKERS, 3 },
        { "documents_stop_early.bare", "s", measure_sleeps, WORKERS, 3 },
        { "documents_pool_vs_processes", "ratio", measure_ratio, 0, 9 },
        { "documents_100_processes", "s", measure_processes, 0, 9 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
