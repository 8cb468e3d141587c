#include "pool/kind.h"
#include "base/error.h"
#include "pool/link_process.h"
#include "pool/link_thread.h"
#include "pool/pool.h"
#include "process/crash_record.h"
#include "process/launch.h"
#include "process/settings.h"
#include <stdlib.h>
#include <string.h>

#define START_TIMEOUT_MS 30000
#define EXIT_TIMEOUT_MS  10000

/* ---- Processes ---- */

static int copy_executable(mproc_pool *pool)
{
    const char *given = pool->options.executable;
    if (given == NULL)
        return 0;
    pool->processes.executable = malloc(strlen(given) + 1);
    if (pool->processes.executable == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "the executable's name");
    strcpy(pool->processes.executable, given);
    return 0;
}

static int open_processes(mproc_pool *pool)
{
    mproc_pool_options *options = &pool->options;
    if (options->start_timeout_ms == 0)
        options->start_timeout_ms = START_TIMEOUT_MS;
    if (options->exit_timeout_ms == 0)
        options->exit_timeout_ms = EXIT_TIMEOUT_MS;
    int code = mproc__start_method_resolve(options->start_method, options->executable, &pool->processes.method);
    /* Before the first worker is forked, which could not load anything itself. */
    if (code == 0 && options->crash_reports != 0)
        code = mproc__crash_record_prepare();
    return code < 0 ? code : copy_executable(pool);
}

/* ---- Threads ---- */

static int check_threads(const mproc_pool_options *options)
{
    if (options->start_method != MPROC_START_DEFAULT || options->executable != NULL || options->inherit_stdin)
        return mproc__error(MPROC_E_INVALID, "threads have no start method, executable or standard input of their own");
    if (options->crash_reports != 0 || options->crash_directory != NULL)
        return mproc__error(MPROC_E_INVALID, "threads leave no crash reports, since a fault ends the whole program");
    if (options->monitor_output != 0)
        return mproc__error(MPROC_E_INVALID, "threads have no standard error of their own, for monitor_output = %lld",
                            (long long)options->monitor_output);
    if (mproc__worker_outfit_wanted(options))
        return mproc__error(MPROC_E_INVALID, "threads have no environment, output, CPUs or nice value of their own");
    if (options->start_timeout_ms != 0 || options->exit_timeout_ms != 0)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "threads have no time limits, since they cannot be killed");
    if (options->max_worker_memory != 0 || options->max_worker_address_space != 0)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "threads have no memory of their own that could be limited");
    return 0;
}

static int open_threads(mproc_pool *pool)
{
    pool->options.start_timeout_ms = pool->options.exit_timeout_ms = MPROC_FOREVER;
    return 0;
}

/* ---- All ---- */

static const struct kind {
    const struct link_ops *ops;
    int (*check)(const mproc_pool_options *options); /* NULL: it can be given everything */
    int (*allowed)(void);
    int (*open)(mproc_pool *pool);
} kinds[] = {
    [MPROC_POOL_PROCESSES] = { &mproc__process_link_ops, NULL, mproc__child_allowed, open_processes },
    [MPROC_POOL_THREADS] = { &mproc__thread_link_ops, check_threads, mproc__family_allowed, open_threads },
};

int mproc__kind_check(const mproc_pool_options *options)
{
    if (options->kind < 0 || options->kind >= (int64_t)(sizeof kinds / sizeof *kinds))
        return mproc__error(MPROC_E_INVALID, "a pool of kind %lld", (long long)options->kind);
    const struct kind *kind = &kinds[options->kind];
    return kind->check != NULL ? kind->check(options) : 0;
}

bool mproc__kind_can_kill(const mproc_pool_options *options)
{
    return kinds[options->kind].ops->can_kill;
}

int mproc__kind_allowed(const mproc_pool_options *options)
{
    return kinds[options->kind].allowed();
}

int mproc__kind_open(mproc_pool *pool)
{
    const struct kind *kind = &kinds[pool->options.kind];
    pool->ops = kind->ops;
    return kind->open(pool);
}

void mproc__kind_close(mproc_pool *pool)
{
    mproc__process_source_free(&pool->processes);
}
