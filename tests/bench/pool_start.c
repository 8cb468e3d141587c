/* From the call that makes a pool to the value of its first task. .bare are forks of this program, without library,
 * each of which answers through a pipe: what the system asks for at least. after_work: in a program that has had a pool
 * with a million tasks. Of the rounds with a fork server the first one alone starts it.
 *
 * start_from_500mb: one process, from the call that starts it until it is ready, by a program of which 500 MB of memory
 * are in use. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static double measure_method(mproc_start_method method, int workers)
{
    mproc_pool_options options = { .workers = workers, .start_method = method };
    mproc_pool *pool;
    int64_t n = 20, value;
    double start = bench_now();
    BENCH_CHECK(mproc_pool_create(&pool, &options) == 0);
    BENCH_CHECK(mproc_pool_apply(pool, bench_task, MPROC_ARG(n), NULL, &value, sizeof value, NULL) == 0);
    double elapsed = bench_now() - start;
    BENCH_CHECK(value == bench_task_value(n));
    bench_pool_end(pool);
    return elapsed;
}

static double measure_fork(int workers)
{
    return measure_method(MPROC_START_FORK, workers);
}

static double measure_spawn(int workers)
{
    return measure_method(MPROC_START_SPAWN, workers);
}

static double measure_forkserver(int workers)
{
    return measure_method(MPROC_START_FORKSERVER, workers);
}

static int nothing(mproc_task *task)
{
    (void)task;
    return 0;
}

/* The last rows, for the memory stays. */
static double measure_large(mproc_start_method method)
{
    enum { LARGE = 500 << 20 };
    static char *memory;
    mproc_process_options options = { .function = nothing, .start_method = method };
    mproc_process *process;
    if (memory == NULL) {
        memory = malloc(LARGE);
        BENCH_CHECK(memory != NULL);
        memset(memory, 1, LARGE);
    }
    BENCH_CHECK(mproc_process_create(&process, &options) == 0);
    double start = bench_now();
    BENCH_CHECK(mproc_process_start(process) == 0);
    double elapsed = bench_now() - start;
    BENCH_CHECK(mproc_process_join(process, MPROC_FOREVER) == 0);
    mproc_process_free(process);
    return elapsed;
}

static double measure_large_fork(int unused)
{
    (void)unused;
    return measure_large(MPROC_START_FORK);
}

static double measure_large_forkserver(int unused)
{
    (void)unused;
    return measure_large(MPROC_START_FORKSERVER);
}

static double measure_bare(int workers)
{
    int answers[2];
    BENCH_CHECK(pipe(answers) == 0);
    double start = bench_now();
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        BENCH_CHECK(pid >= 0);
        if (pid == 0)
            _exit(write(answers[1], "x", 1) != 1);
    }
    char answer;
    for (int i = 0; i < workers; i++)
        BENCH_CHECK(read(answers[0], &answer, 1) == 1);
    double elapsed = bench_now() - start;
    for (int i = 0; i < workers; i++)
        BENCH_CHECK(wait(NULL) > 0);
    close(answers[0]);
    close(answers[1]);
    return elapsed;
}

static void work_once(void)
{
    static bool done;
    if (!done)
        bench_work(1000000);
    done = true;
}

static double measure_after_work(int workers)
{
    work_once();
    return measure_fork(workers);
}

static double measure_bare_after_work(int workers)
{
    work_once();
    return measure_bare(workers);
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "pool_start_fork_2", "s", measure_fork, 2, 25 },
        { "pool_start_fork_2.bare", "s", measure_bare, 2, 25 },
        { "pool_start_fork_8", "s", measure_fork, 8, 25 },
        { "pool_start_fork_8.bare", "s", measure_bare, 8, 25 },
        { "pool_start_spawn_2", "s", measure_spawn, 2, 25 },
        { "pool_start_spawn_8", "s", measure_spawn, 8, 25 },
        { "pool_start_after_work", "s", measure_after_work, 2, 25 },
        { "pool_start_after_work.bare", "s", measure_bare_after_work, 2, 25 },
        { "pool_start_forkserver_2", "s", measure_forkserver, 2, 25 },
        { "pool_start_forkserver_8", "s", measure_forkserver, 8, 25 },
        { "start_from_500mb_fork", "s", measure_large_fork, 0, 25 },
        { "start_from_500mb_forkserver", "s", measure_large_forkserver, 0, 25 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
