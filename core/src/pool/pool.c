/* A pool's life: created, closed or terminated, joined, freed. */
#include "pool/pool.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "base/ready.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/view.h"
#include "memory/object.h"
#include "pool/accounts.h"
#include "pool/bell.h"
#include "pool/end.h"
#include "pool/failed.h"
#include "pool/function_names.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/job_table.h"
#include "pool/link.h"
#include "pool/link_process.h"
#include "pool/link_thread.h"
#include "pool/look_left.h"
#include "pool/obituary.h"
#include "pool/observe.h"
#include "pool/outputs.h"
#include "pool/payload.h"
#include "pool/pool_layout.h"
#include "pool/remains.h"
#include "pool/running.h"
#include "pool/size.h"
#include "pool/staff.h"
#include "pool/state.h"
#include "pool/supervisor.h"
#include "pool/trace_want.h"
#include "pool/worker_outfit.h"
#include "process/crash_record.h"
#include "process/launch.h"
#include "process/settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPIN_NS           25000
#define START_TIMEOUT_MS  30000
#define EXIT_TIMEOUT_MS   10000
#define RESTART_WINDOW_MS 1000
/* Destroying does not wait longer than this for killed workers that the kernel will not let go. */
#define END_TIMEOUT_MS 10000

uint32_t mproc__pool_first_position;

/* ---- Creation ---- */

/* What a kind of workers is given. */
static int check_kind(const mproc_pool_options *options)
{
    if (options->kind == MPROC_POOL_PROCESSES)
        return 0;
    if (options->kind != MPROC_POOL_THREADS)
        return mproc__error(MPROC_E_INVALID, "a pool of kind %lld", (long long)options->kind);
    if (options->start_method != MPROC_START_DEFAULT || options->executable != NULL || options->inherit_stdin)
        return mproc__error(MPROC_E_INVALID, "threads have no start method, executable or standard input of their own");
    if (options->crash_reports != 0 || options->crash_directory != NULL)
        return mproc__error(MPROC_E_INVALID, "threads leave no crash reports, since a fault ends the whole program");
    if (options->monitor_output != 0)
        return mproc__error(MPROC_E_INVALID, "threads have no standard error of their own, for monitor_output = %lld",
                            (long long)options->monitor_output);
    if (mproc__worker_outfit_wanted(options))
        return mproc__error(MPROC_E_INVALID, "threads have no environment, output, CPUs or nice value of their own");
    if (options->start_timeout_ms != 0 || options->exit_timeout_ms != 0 || options->task_timeout_ms != 0 ||
        options->grace_ms != 0)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "threads have no time limits, since they cannot be killed");
    if (options->max_worker_memory != 0 || options->max_worker_address_space != 0)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "threads have no memory of their own that could be limited");
    return 0;
}

static int check_numbers(const mproc_pool_options *options)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        { "workers", options->workers },
        { "min_workers", options->min_workers },
        { "idle_timeout_ms", options->idle_timeout_ms },
        { "exit_timeout_ms", options->exit_timeout_ms },
        { "start_timeout_ms", options->start_timeout_ms },
        { "task_timeout_ms", options->task_timeout_ms },
        { "task_soft_timeout_ms", options->task_soft_timeout_ms },
        { "grace_ms", options->grace_ms },
        { "max_tasks_per_worker", options->max_tasks_per_worker },
        { "max_restarts", options->max_restarts },
        { "restart_window_ms", options->restart_window_ms },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].value < 0)
            return mproc__error(MPROC_E_INVALID, "%s = %lld", numbers[i].name, (long long)numbers[i].value);
    return 0;
}

static int check_task_limits(const mproc_pool_options *options)
{
    int64_t hard = options->task_timeout_ms, soft = options->task_soft_timeout_ms;
    if (hard == 0 || soft < hard || soft == MPROC_FOREVER)
        return 0;
    return mproc__error(MPROC_E_INVALID, "task_soft_timeout_ms = %lld is not below task_timeout_ms = %lld",
                        (long long)soft, (long long)hard);
}

static int check_monitor(const mproc_pool_options *options)
{
    if (options->monitor < -1 || options->monitor > 1)
        return mproc__error(MPROC_E_INVALID, "monitor = %lld, which is -1, 0 or 1", (long long)options->monitor);
    /* Pools of threads can be made without it, and nobody would be there to show them. */
    if (options->monitor > 0 && mproc__observe_pool_hook == NULL)
        return mproc__error(MPROC_E_NOT_INITIALIZED,
                            "monitor = 1, and neither mproc_init nor mproc_monitor_start was called before");
    if (options->monitor_output < 0 || options->monitor_output > 1)
        return mproc__error(MPROC_E_INVALID, "monitor_output = %lld, which is 0 or 1",
                            (long long)options->monitor_output);
    if (options->monitor_output != 0 && options->stderr_path != NULL)
        return mproc__error(MPROC_E_INVALID, "monitor_output, and stderr_path = \"%s\": one of them takes it all",
                            options->stderr_path);
    if (options->describe != NULL && options->monitor_no_previews != 0)
        return mproc__error(MPROC_E_INVALID, "describe, and monitor_no_previews = %lld",
                            (long long)options->monitor_no_previews);
    return 0;
}

static int check_options(const mproc_pool_options *options)
{
    int code = check_numbers(options);
    if (code == 0)
        code = check_monitor(options);
    if (code == 0)
        code = check_task_limits(options);
    if (code == 0)
        code = mproc__size_check(options->min_workers, options->workers);
    if (code < 0)
        return code;
    if (options->initializer_args.size > 0 && options->initializer_args.data == NULL)
        return mproc__error(MPROC_E_INVALID, "the initializer's argument has a size but no data");
    code = check_kind(options);
    return code < 0 ? code : mproc__worker_outfit_check(options);
}

/* The one place where it matters which kind of workers a pool has: all else is the table's. */
static int choose_kind(mproc_pool *pool)
{
    mproc_pool_options *options = &pool->options;
    if (options->kind == MPROC_POOL_THREADS) {
        pool->ops = &mproc__thread_link_ops;
        options->start_timeout_ms = options->exit_timeout_ms = MPROC_FOREVER;
        return 0;
    }
    pool->ops = &mproc__process_link_ops;
    if (options->start_timeout_ms == 0)
        options->start_timeout_ms = START_TIMEOUT_MS;
    if (options->exit_timeout_ms == 0)
        options->exit_timeout_ms = EXIT_TIMEOUT_MS;
    return mproc__start_method_resolve(options->start_method, options->executable, &pool->processes.method);
}

static int fill_defaults(mproc_pool *pool, const mproc_pool_options *given)
{
    static _Atomic unsigned pools;
    static _Atomic uint32_t numbers;
    mproc_pool_options *options = &pool->options;
    *options = *given;
    pool->cpus = mproc_get_cpu_count();
    mproc__size_begin(pool);
    if (options->restart_window_ms == 0)
        options->restart_window_ms = RESTART_WINDOW_MS;
    pool->limits = mproc__job_pool_limits(options);
    if (options->name != NULL)
        snprintf(pool->name, sizeof pool->name, "%s", options->name);
    else
        snprintf(pool->name, sizeof pool->name, "Pool-%u", atomic_fetch_add(&pools, 1) + 1);
    options->name = pool->name;
    pool->number = atomic_fetch_add(&numbers, 1) + 1;
    pool->spin_ns = SPIN_NS;
    pool->mean_ns = -1;
    pool->references = 1;
    pool->callback_event = PLATFORM_NO_HANDLE;
    pool->epoch = mproc__process_epoch;
    pool->first_position = mproc__pool_first_position;
    return choose_kind(pool);
}

static int copy_initializer(mproc_pool *pool)
{
    mproc_view *args = &pool->options.initializer_args;
    if (args->size == 0)
        return 0;
    pool->initializer_argument = malloc(args->size);
    if (pool->initializer_argument == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "the initializer's argument, %zu bytes", args->size);
    memcpy(pool->initializer_argument, args->data, args->size);
    args->data = pool->initializer_argument;
    return 0;
}

static int copy_directory(mproc_pool *pool)
{
    const char *given = pool->options.crash_directory;
    if (given == NULL)
        return 0;
    pool->crash_directory = malloc(strlen(given) + 1);
    if (pool->crash_directory == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a directory's name");
    strcpy(pool->crash_directory, given);
    pool->options.crash_directory = pool->crash_directory;
    return 0;
}

static int copy_options(mproc_pool *pool)
{
    int code = copy_initializer(pool);
    if (code == 0)
        code = copy_directory(pool);
    if (code == 0)
        code = mproc__worker_outfit_copy(&pool->options, &pool->outfit);
    if (code == 0 && pool->options.exit_hook != NULL)
        code = pool->ops->refer((any_function *)pool->options.exit_hook, &pool->exit_hook);
    if (code == 0 && pool->options.describe != NULL)
        code = pool->ops->refer((any_function *)pool->options.describe, &pool->describe);
    if (code == 0 && pool->options.executable != NULL) {
        pool->processes.executable = malloc(strlen(pool->options.executable) + 1);
        if (pool->processes.executable == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "the executable's name");
        strcpy(pool->processes.executable, pool->options.executable);
    }
    return code;
}

static int make_staff(mproc_pool *pool)
{
    size_t restarts = pool->options.max_restarts <= POOL_RESTARTS_MAX ? (size_t)pool->options.max_restarts : 0;
    pool->death_times = calloc(restarts + 2, sizeof *pool->death_times);
    if (pool->death_times == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%d restarts", pool->options.max_restarts);
    return mproc__staff_grow(pool, pool->options.workers);
}

static int make_accounts(mproc_pool *pool)
{
    if (pool->options.statistics == 0 && pool->options.monitor <= 0)
        return 0;
    pool->accounts = mproc__accounts_new();
    return pool->accounts != NULL ? 0 : mproc__error(MPROC_E_NO_MEMORY, "a pool's statistics");
}

static int make_shared(mproc_pool *pool)
{
    void *shared;
    int code = mproc__family_open();
    if (code == 0)
        code = mproc__object_create(FAMILY_POOL, sizeof(struct pool_shared), pool->shared_id, &shared);
    if (code < 0)
        return code;
    pool->shared = shared;
    pool->shared->user_bell.key = mproc__family_new_key();
    pool->shared->supervisor_bell.key = mproc__family_new_key();
    pool->shared->spin_limit = pool->cpus > 1 ? (uint32_t)pool->cpus - 1 : 0;
    mproc__object_publish(pool->shared_id);
    /* What ticks are is known once there is a family. */
    pool->created = platform_ticks();
    return 0;
}

static void free_shared(mproc_pool *pool)
{
    if (pool->shared != NULL)
        mproc__object_destroy(FAMILY_POOL, pool->shared_id);
    pool->shared = NULL;
}

/* Nobody else is in the pool any more. Without its lock, since stderr may block. */
static void end_outputs(mproc_pool *pool)
{
    mproc__link_free_deferred(&pool->deferred);
    mproc__outputs_end(pool->outputs);
}

/* What only the pool's owner needs; results may live on. */
static void free_parts(mproc_pool *pool)
{
    mproc__link_free_deferred(&pool->deferred);
    mproc__process_source_free(&pool->processes);
    mproc__staff_free(pool);
    free_shared(pool);
    platform_handle_close(pool->callback_event);
    pool->callback_event = PLATFORM_NO_HANDLE;
    free(pool->death_times);
    free(pool->initializer_argument);
    free(pool->crash_directory);
    mproc__worker_outfit_free(&pool->outfit);
    mproc__accounts_free(pool->accounts);
    mproc__trace_want(pool, 0);
    mproc__function_names_free(pool->functions);
    mproc__outputs_free(pool->outputs);
    mproc__obituaries_free(pool->obituaries);
    mproc__failed_free(pool->failed);
    mproc__remains_put(pool->broken_remains);
    pool->accounts = NULL;
    pool->functions = NULL;
    pool->outputs = NULL;
    pool->obituaries = NULL;
    pool->failed = NULL;
    pool->broken_remains = NULL;
    pool->death_times = NULL;
    pool->initializer_argument = NULL;
    pool->crash_directory = NULL;
    pool->freed = true;
}

static int set_up(mproc_pool *pool, const mproc_pool_options *options)
{
    int code = fill_defaults(pool, options);
    if (code == 0)
        code = copy_options(pool);
    /* Before the first worker is forked, which could not load anything itself. */
    if (code == 0 && pool->options.crash_reports != 0)
        code = mproc__crash_record_prepare();
    if (code == 0)
        code = make_staff(pool);
    if (code == 0)
        code = make_accounts(pool);
    if (code == 0)
        code = make_shared(pool);
    if (code == 0 && pool->options.monitor_output != 0)
        code = mproc__outputs_new(&pool->outputs);
    if (code == 0)
        code = mproc__staff_start(pool);
    if (code == 0)
        code = mproc__running_add(pool);
    if (code == 0) {
        code = platform_thread_start(mproc__supervisor_main, pool, "mproc-pool", &pool->supervisor);
        if (code < 0)
            mproc__error_platform(code, "the pool's supervisor");
    }
    return code;
}

/* From here on nobody finds the pool any more; who found it before is through with it, as he had its lock then. */
static void leave_running(mproc_pool *pool)
{
    mproc__running_remove(pool);
    platform_mutex_lock(&pool->lock);
    platform_mutex_unlock(&pool->lock);
}

static void undo(mproc_pool *pool)
{
    leave_running(pool);
    mproc__staff_end(pool);
    end_outputs(pool);
    platform_mutex_lock(&pool->lock);
    mproc__look_leave(pool);
    free_parts(pool);
    pool->references--;
    mproc__pool_unlock(pool);
}

static int init_locks(mproc_pool *pool)
{
    if (platform_condition_init(&pool->changed) < 0)
        return mproc__error_platform(MPROC_E_OS, "a condition");
    if (platform_condition_init(&pool->callbacks_changed) < 0) {
        platform_condition_destroy(&pool->changed);
        return mproc__error_platform(MPROC_E_OS, "a condition");
    }
    platform_mutex_init(&pool->lock);
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_pool_options, monitor_output), "it can grow");

int mproc_pool_create_(mproc_pool **ret_pool, const mproc_pool_options *options, size_t options_size)
{
    mproc_pool_options own;
    if (ret_pool == NULL)
        return mproc__error(MPROC_E_INVALID, "no place for the pool");
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = check_options(&own);
    if (code == 0)
        code = own.kind == MPROC_POOL_THREADS ? mproc__family_allowed() : mproc__child_allowed();
    if (code < 0)
        return code;
    mproc_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a pool");
    code = init_locks(pool);
    if (code < 0) {
        free(pool);
        return code;
    }
    code = set_up(pool, &own);
    if (code < 0) {
        char text[512];
        snprintf(text, sizeof text, "%s", mproc_last_error());
        undo(pool);
        return mproc__error_text(code, text);
    }
    *ret_pool = pool;
    if (pool->options.monitor > 0)
        mproc__observe_pool_hook();
    return 0;
}

/* ---- The end ---- */

int mproc_pool_close(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    if (pool->phase == POOL_OPEN)
        pool->phase = POOL_CLOSED;
    platform_condition_broadcast(&pool->changed);
    mproc__bell_wake_all(pool);
    platform_mutex_unlock(&pool->lock);
    return 0;
}

int mproc_pool_terminate(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    if (pool->phase != POOL_TERMINATED && !pool->done) {
        bool broken = pool->phase == POOL_BROKEN;
        pool->phase = POOL_TERMINATED;
        if (!broken)
            mproc__pool_fail_all(pool, MPROC_E_TERMINATED, "the pool was terminated");
    }
    platform_condition_broadcast(&pool->changed);
    mproc__bell_wake_all(pool);
    platform_mutex_unlock(&pool->lock);
    return 0;
}

/* One of the pool's tasks, in a thread. */
static bool in_task(const mproc_pool *pool)
{
    return pool->ops->is_inside != NULL && pool->ops->is_inside(pool);
}

static bool in_callback(const mproc_pool *pool)
{
    return pool->callback_runs && pool->callback_runs_on == platform_thread_id();
}

bool mproc__pool_is_over(const mproc_pool *pool)
{
    return pool->done && (pool->callbacks_outstanding == 0 || pool->callback_event != PLATFORM_NO_HANDLE) &&
           !pool->callback_runs;
}

int mproc_pool_join(mproc_pool *pool, int64_t timeout_ms)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    int64_t deadline = mproc__deadline(timeout_ms);
    platform_mutex_lock(&pool->lock);
    if (in_callback(pool))
        code = mproc__error(MPROC_E_DEADLOCK, "%s is joined by its own callback", pool->name);
    else if (in_task(pool))
        code = mproc__error(MPROC_E_DEADLOCK, "%s is joined by its own task", pool->name);
    else if (pool->phase == POOL_OPEN)
        code = mproc__error(MPROC_E_STATE, "%s is joined before close or terminate", pool->name);
    while (code == 0 && !mproc__pool_is_over(pool)) {
        pool->followers++;
        bool in_time = deadline != 0 && platform_condition_wait(&pool->changed, &pool->lock, deadline);
        pool->followers--;
        if (!in_time && !mproc__pool_is_over(pool))
            code = mproc__error(MPROC_E_TIMEOUT, "%s still has %llu tasks", pool->name,
                                (unsigned long long)pool->outstanding);
    }
    platform_mutex_unlock(&pool->lock);
    return code;
}

static void stop_threads(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    pool->supervisor_stop = true;
    pool->callback_stop = true;
    platform_condition_broadcast(&pool->callbacks_changed);
    mproc__bell_wake_all(pool);
    platform_mutex_unlock(&pool->lock);
    platform_thread_join(pool->supervisor);
    if (pool->callback_thread != NULL)
        platform_thread_join(pool->callback_thread);
}

/* Callbacks that nobody will call any more: a program that took mproc_pool_get_callback_handle and did not dispatch. */
static void drop_callbacks(mproc_pool *pool)
{
    struct job *job;
    while ((job = pool->callbacks.head) != NULL) {
        job_list_remove(&pool->callbacks, job);
        job->callback_queued = false;
        if (!job->owned)
            mproc__job_free(job);
    }
}

int mproc_pool_free(mproc_pool *pool)
{
    if (pool == NULL)
        return 0;
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    bool own_callback = in_callback(pool), over = pool->done;
    platform_mutex_unlock(&pool->lock);
    if (own_callback)
        return mproc__error(MPROC_E_DEADLOCK, "%s is freed by its own callback", pool->name);
    if (in_task(pool))
        return mproc__error(MPROC_E_DEADLOCK, "%s is freed by its own task", pool->name);
    if (!over)
        mproc_pool_terminate(pool);
    mproc_pool_join(pool, END_TIMEOUT_MS);
    stop_threads(pool);
    /* Until now it was shown how it ends. */
    leave_running(pool);
    mproc__staff_end(pool);
    end_outputs(pool);
    mproc__payload_trim();
    platform_mutex_lock(&pool->lock);
    drop_callbacks(pool);
    mproc__look_leave(pool);
    free_parts(pool);
    pool->references--;
    mproc__pool_unlock(pool);
    return 0;
}
