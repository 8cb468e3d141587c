/* A worker is killed while it runs a task: from the kill to the caller's having the error in hand. */
#include "bench.h"

#include <signal.h>
#include <unistd.h>

static int running[2];

/** Says its pid and waits to be killed. */
static int victim(mproc_task *task)
{
    (void)task;
    pid_t pid = getpid();
    if (write(running[1], &pid, sizeof pid) != sizeof pid)
        return -1;
    sleep(30);
    return 0;
}

static double measure(int workers)
{
    mproc_pool *pool = bench_pool(workers);
    mproc_result *result;
    pid_t pid;
    BENCH_CHECK(mproc_pool_apply_async(pool, victim, MPROC_NO_ARGS, NULL, &result) == 0);
    BENCH_CHECK(read(running[0], &pid, sizeof pid) == sizeof pid);
    /* The caller is asleep in get when the worker dies, as it would be. */
    BENCH_CHECK(mproc_result_wait(result, 5) == MPROC_E_TIMEOUT);
    double start = bench_now();
    BENCH_CHECK(kill(pid, SIGKILL) == 0);
    int code = mproc_result_get(result, MPROC_FOREVER, NULL, 0, NULL);
    double elapsed = bench_now() - start;
    BENCH_CHECK(code == MPROC_E_WORKER_DIED);
    mproc_result_free(result);
    int64_t n = 1, value;
    for (int i = 0; i < 2 * workers; i++)
        BENCH_CHECK(mproc_pool_apply(pool, bench_task, MPROC_ARG(n), NULL, &value, sizeof value, NULL) == 0 &&
                    value == 3);
    bench_pool_end(pool);
    return elapsed;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    BENCH_CHECK(pipe(running) == 0);
    static const struct bench_row rows[] = { { "death_to_error", "s", measure, 2, 31 } };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
