/* worker_memory: private memory of an idle worker that has run a few tasks, less that of a bare fork of the program.
 * memory_after_million: what the program itself keeps of a pool that had a million tasks at once and is gone. */
#include "bench.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 8

static double bare_fork_bytes(void)
{
    int ready[2];
    char byte;
    BENCH_CHECK(pipe(ready) == 0);
    pid_t pid = fork();
    BENCH_CHECK(pid >= 0);
    if (pid == 0) {
        if (write(ready[1], "x", 1) == 1)
            sleep(30);
        _exit(0);
    }
    BENCH_CHECK(read(ready[0], &byte, 1) == 1);
    bench_sleep(0.01);
    double bytes = bench_private_bytes(pid);
    BENCH_CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
    close(ready[0]);
    close(ready[1]);
    return bytes;
}

static double measure(int workers)
{
    double bare = bare_fork_bytes();
    mproc_pool *pool = bench_pool(workers);
    mproc_result *results[20 * WORKERS];
    for (int64_t n = 0; n < 20 * WORKERS; n++)
        BENCH_CHECK(mproc_pool_apply_async(pool, bench_task, MPROC_ARG(n), NULL, &results[n]) == 0);
    for (int64_t n = 0; n < 20 * WORKERS; n++) {
        int64_t value;
        BENCH_CHECK(mproc_result_get(results[n], MPROC_FOREVER, &value, sizeof value, NULL) == 0);
        BENCH_CHECK(value == bench_task_value(n));
        mproc_result_free(results[n]);
    }
    bench_sleep(0.1);
    int64_t pids[WORKERS];
    BENCH_CHECK(mproc_pool_get_worker_pids(pool, pids, WORKERS) == workers);
    double total = 0;
    for (int i = 0; i < workers; i++)
        total += bench_private_bytes(pids[i]);
    bench_pool_end(pool);
    return total / workers - bare;
}

static double measure_after(int tasks)
{
    /* What any pool leaves, whatever ran in it. */
    bench_work(1000);
    double before = bench_private_bytes(getpid());
    bench_work(tasks);
    return bench_private_bytes(getpid()) - before;
}

int main(int argc, char **argv)
{
    mproc_init(argc, argv);
    static const struct bench_row rows[] = {
        { "worker_memory", "bytes", measure, WORKERS, 5 },
        { "memory_after_million", "bytes", measure_after, 1000000, 3 },
    };
    return bench_main(argc, argv, rows, sizeof rows / sizeof *rows);
}
