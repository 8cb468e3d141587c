/* A pool's life: created, closed or terminated, joined, destroyed. */
#include "base/deadline.h"
#include "base/error.h"
#include "base/function.h"
#include "base/log.h"
#include "base/ready.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/view.h"
#include "memory/object.h"
#include "pool/pool_types.h"
#include "pool/ring.h"
#include "process/handshake.h"
#include "process/launch.h"
#include "process/segment.h"
#include "process/settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPIN_NS           25000
#define START_TIMEOUT_MS  30000
#define EXIT_TIMEOUT_MS   10000
#define RESTART_WINDOW_MS 1000
/* Destroying does not wait longer than this for a killed worker that the kernel will not let go. */
#define REAP_NS 10000000000

uint32_t mproc__pool_first_position;

int mproc__pool_check(const mproc_pool *pool)
{
    if (pool == NULL)
        return mproc__error(MPROC_E_INVALID, "no pool");
    if (pool->epoch != mproc__process_epoch || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "a pool is used by the process that made it");
    return 0;
}

int mproc__pool_open_check(mproc_pool *pool)
{
    switch (pool->phase) {
    case POOL_OPEN:
        return 0;
    case POOL_CLOSED:
        return mproc__error(MPROC_E_CLOSED, "%s takes no more tasks", pool->name);
    case POOL_TERMINATED:
        return mproc__error(MPROC_E_TERMINATED, "%s", pool->name);
    case POOL_BROKEN:
        return mproc__error_text(pool->broken_code, pool->broken_text);
    }
    return MPROC_E_INTERNAL;
}

/* ---- Creation ---- */

static int check_options(const mproc_pool_options *options)
{
    if (options->workers < 0 || options->exit_timeout_ms < 0 || options->start_timeout_ms < 0 ||
        options->max_tasks_per_worker < 0 || options->max_restarts < 0 || options->restart_window_ms < 0)
        return mproc__error(MPROC_E_INVALID, "a number in the pool's options is negative");
    if (options->workers > POOL_MAX_WORKERS)
        return mproc__error(MPROC_E_LIMIT, "%d workers, at most %d", options->workers, POOL_MAX_WORKERS);
    if (options->initializer_args.size > 0 && options->initializer_args.data == NULL)
        return mproc__error(MPROC_E_INVALID, "the initializer's argument has a size but no data");
    return 0;
}

static int fill_defaults(mproc_pool *pool, const mproc_pool_options *given)
{
    static _Atomic unsigned pools;
    mproc_pool_options *options = &pool->options;
    *options = *given;
    pool->cpus = mproc_get_cpu_count();
    if (options->workers == 0)
        options->workers = pool->cpus;
    if (options->start_timeout_ms == 0)
        options->start_timeout_ms = START_TIMEOUT_MS;
    if (options->exit_timeout_ms == 0)
        options->exit_timeout_ms = EXIT_TIMEOUT_MS;
    if (options->max_restarts == 0)
        options->max_restarts = 16 + 4 * options->workers;
    if (options->restart_window_ms == 0)
        options->restart_window_ms = RESTART_WINDOW_MS;
    if (options->name != NULL)
        snprintf(pool->name, sizeof pool->name, "%s", options->name);
    else
        snprintf(pool->name, sizeof pool->name, "Pool-%u", atomic_fetch_add(&pools, 1) + 1);
    options->name = pool->name;
    pool->spin_ns = SPIN_NS;
    pool->mean_ns = -1;
    pool->references = 1;
    pool->calls_event = PLATFORM_NO_HANDLE;
    pool->epoch = mproc__process_epoch;
    pool->first_position = mproc__pool_first_position;
    return mproc__start_method_resolve(options->start_method, &pool->method);
}

static int copy_initializer(mproc_pool *pool)
{
    mproc_args *args = &pool->options.initializer_args;
    if (args->size == 0)
        return 0;
    pool->initializer_argument = malloc(args->size);
    if (pool->initializer_argument == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "the initializer's argument, %zu bytes", args->size);
    memcpy(pool->initializer_argument, args->data, args->size);
    args->data = pool->initializer_argument;
    return 0;
}

static int copy_options(mproc_pool *pool)
{
    int code = copy_initializer(pool);
    if (code == 0 && pool->options.exit_hook != NULL)
        code = mproc__function_to_ref((any_function *)pool->options.exit_hook, &pool->exit_hook);
    if (code == 0 && pool->options.executable != NULL) {
        pool->executable = malloc(strlen(pool->options.executable) + 1);
        if (pool->executable == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "the executable's name");
        strcpy(pool->executable, pool->options.executable);
    }
    return code;
}

static int make_links(mproc_pool *pool)
{
    size_t count = (size_t)pool->options.workers;
    pool->links = calloc(count, sizeof *pool->links);
    size_t restarts = pool->options.max_restarts <= POOL_RESTARTS_MAX ? (size_t)pool->options.max_restarts : 0;
    pool->death_times = calloc(restarts + 2, sizeof *pool->death_times);
    if (pool->links == NULL || pool->death_times == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu workers", count);
    for (size_t i = 0; i < count; i++)
        mproc__link_init(&pool->links[i], pool, (int)i);
    return 0;
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
    return 0;
}

static void free_shared(mproc_pool *pool)
{
    if (pool->shared != NULL)
        mproc__object_destroy(FAMILY_POOL, pool->shared_id);
    pool->shared = NULL;
}

/* Starts all workers, then waits for each: their starts overlap. */
static int start_workers(mproc_pool *pool)
{
    int64_t deadline = mproc__deadline(pool->options.start_timeout_ms);
    for (int i = 0; i < pool->options.workers; i++) {
        pool->links[i].state = LINK_STARTING;
        platform_process *process;
        int code = mproc__link_start(&pool->links[i], &process);
        if (code < 0)
            return code;
        mproc__link_started(&pool->links[i], process);
    }
    for (int i = 0; i < pool->options.workers; i++) {
        struct worker_link *link = &pool->links[i];
        int code = mproc__child_await(&link->segment, deadline);
        if (code < 0)
            return code;
        link->state = LINK_READY;
        link->deadline = INT64_MAX;
        mproc__child_close_handle(&link->segment);
    }
    return 0;
}

static void await_exit(const struct worker_link *link)
{
    unsigned char ready;
    platform_handle sentinel = platform_process_sentinel(link->process);
    platform_wait_handles(&sentinel, 1, platform_now_ns() + REAP_NS, &ready);
}

static void end_workers(mproc_pool *pool)
{
    for (int i = 0; i < pool->options.workers && pool->links != NULL; i++)
        if (pool->links[i].process != NULL)
            platform_process_kill_tree(pool->links[i].process);
    for (int i = 0; i < pool->options.workers && pool->links != NULL; i++) {
        if (pool->links[i].process != NULL)
            await_exit(&pool->links[i]);
        mproc__link_reset(&pool->links[i]);
    }
}

/* What only the pool's owner needs; results may live on. */
static void free_parts(mproc_pool *pool)
{
    if (pool->fork_template != NULL)
        platform_template_free(pool->fork_template);
    pool->fork_template = NULL;
    mproc__graveyard_clear(pool);
    free_shared(pool);
    platform_handle_close(pool->calls_event);
    pool->calls_event = PLATFORM_NO_HANDLE;
    free(pool->links);
    free(pool->death_times);
    free(pool->initializer_argument);
    free(pool->executable);
    pool->links = NULL;
    pool->death_times = NULL;
    pool->initializer_argument = NULL;
    pool->executable = NULL;
    pool->options.workers = 0;
}

static void free_pool(mproc_pool *pool)
{
    mproc__task_list_return(pool->free_tasks);
    platform_condition_destroy(&pool->changed);
    platform_condition_destroy(&pool->calls_changed);
    free(pool);
}

static int set_up(mproc_pool *pool, const mproc_pool_options *options)
{
    int code = fill_defaults(pool, options);
    if (code == 0)
        code = copy_options(pool);
    if (code == 0)
        code = make_links(pool);
    if (code == 0)
        code = make_shared(pool);
    if (code == 0)
        code = start_workers(pool);
    if (code == 0) {
        code = platform_thread_start(mproc__supervisor_main, pool, "mproc-pool", &pool->supervisor);
        if (code < 0)
            mproc__error_platform(code, "the pool's supervisor");
    }
    return code;
}

int mproc_pool_create(mproc_pool **ret_pool, const mproc_pool_options *options)
{
    static const mproc_pool_options defaults;
    if (options == NULL)
        options = &defaults;
    if (ret_pool == NULL)
        return mproc__error(MPROC_E_INVALID, "no place for the pool");
    int code = check_options(options);
    if (code == 0)
        code = mproc__child_allowed();
    if (code < 0)
        return code;
    mproc_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a pool");
    if (platform_condition_init(&pool->changed) < 0 || platform_condition_init(&pool->calls_changed) < 0) {
        free(pool);
        return mproc__error(MPROC_E_OS, "a condition");
    }
    code = set_up(pool, options);
    if (code < 0) {
        char text[512];
        snprintf(text, sizeof text, "%s", mproc_last_error());
        end_workers(pool);
        free_parts(pool);
        free_pool(pool);
        return mproc__error_text(code, text);
    }
    *ret_pool = pool;
    return 0;
}

/* ---- The end ---- */

static void fail_items(struct task *map, size_t first, size_t count, int code, const char *text)
{
    mproc__map_failed(map, &(struct item_failure){ .item = first, .count = count, .code = code, .worker = -1 }, text);
}

static void fail_task(struct task *task, int code, const char *text)
{
    if (task->kind == KIND_CHUNK) {
        struct task *map = task->group;
        size_t count = task->item_count;
        fail_items(map, task->item, count, code, text);
        mproc__task_finish(task, 0, NULL, 0);
        mproc__map_items_finished(map, count);
    } else if (task->kind == KIND_MAP) {
        struct batch *batch = task->batch;
        size_t first = batch->next;
        batch->next = batch->count;
        fail_items(task, first, batch->count - first, code, text);
        mproc__map_items_finished(task, batch->count - first);
    } else {
        mproc__task_finish(task, code, text, 0);
    }
}

static void fail_in_flight(struct worker_link *link, int code, const char *text)
{
    for (size_t i = 0; i < RING_SUBMIT_CELLS; i++) {
        struct task *task = link->tasks[i];
        if (task == NULL)
            continue;
        link->tasks[i] = NULL;
        link->in_flight--;
        link->pool->in_flight--;
        link->passing = NULL;
        fail_task(task, code, text);
    }
}

void mproc__pool_fail_all(mproc_pool *pool, int code, const char *text)
{
    struct task *task;
    while ((task = pool->pending.head) != NULL) {
        mproc__queue_remove(&pool->pending, task);
        fail_task(task, code, text);
    }
    pool->pending_count = 0;
    for (int i = 0; i < pool->options.workers; i++) {
        if (pool->links[i].state != LINK_READY && pool->links[i].state != LINK_LEAVING)
            continue;
        /* What it had published is good; what it publishes from now on is about tasks that have ended. */
        mproc__link_drain(&pool->links[i]);
        fail_in_flight(&pool->links[i], code, text);
        pool->links[i].nonsense = true;
    }
}

void mproc__pool_break(mproc_pool *pool, int code, const char *text)
{
    if (pool->phase == POOL_TERMINATED || pool->phase == POOL_BROKEN)
        return;
    pool->phase = POOL_BROKEN;
    pool->broken_code = code;
    snprintf(pool->broken_text, sizeof pool->broken_text, "%s", text);
    mproc__log(MPROC_LOG_ERROR, "%s is broken: %s", pool->name, pool->broken_text);
    mproc__pool_fail_all(pool, code, pool->broken_text);
    mproc__pool_notify(pool);
}

void mproc__pool_unlock(mproc_pool *pool)
{
    bool last = pool->references == 0;
    platform_mutex_unlock(&pool->lock);
    if (last)
        free_pool(pool);
}

int mproc_pool_close(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    if (pool->phase == POOL_OPEN)
        pool->phase = POOL_CLOSED;
    platform_condition_broadcast(&pool->changed);
    mproc__pool_notify(pool);
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
    mproc__pool_notify(pool);
    platform_mutex_unlock(&pool->lock);
    return 0;
}

static bool in_callback(const mproc_pool *pool)
{
    return pool->calling && pool->calling_thread == platform_thread_id();
}

static bool is_over(const mproc_pool *pool)
{
    return pool->done && (pool->calls_outstanding == 0 || pool->calls_event != PLATFORM_NO_HANDLE) && !pool->calling;
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
    else if (pool->phase == POOL_OPEN)
        code = mproc__error(MPROC_E_STATE, "%s is joined before close or terminate", pool->name);
    while (code == 0 && !is_over(pool)) {
        pool->followers++;
        bool in_time = deadline != 0 && platform_condition_wait(&pool->changed, &pool->lock, deadline);
        pool->followers--;
        if (!in_time && !is_over(pool))
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
    pool->caller_stop = true;
    platform_condition_broadcast(&pool->calls_changed);
    mproc__pool_notify(pool);
    platform_mutex_unlock(&pool->lock);
    platform_thread_join(pool->supervisor);
    if (pool->caller != NULL)
        platform_thread_join(pool->caller);
}

/* Callbacks that nobody will call any more: a program that took mproc_pool_handle and did not dispatch. */
static void drop_calls(mproc_pool *pool)
{
    struct task *task;
    while ((task = pool->calls.head) != NULL) {
        mproc__queue_remove(&pool->calls, task);
        task->queued_calls = false;
        if (!task->owned)
            mproc__task_free(task);
    }
}

int mproc_pool_destroy(mproc_pool *pool)
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
        return mproc__error(MPROC_E_DEADLOCK, "%s is destroyed by its own callback", pool->name);
    if (!over)
        mproc_pool_terminate(pool);
    mproc_pool_join(pool, REAP_NS / 1000000);
    stop_threads(pool);
    end_workers(pool);
    platform_mutex_lock(&pool->lock);
    drop_calls(pool);
    free_parts(pool);
    pool->references--;
    mproc__pool_unlock(pool);
    return 0;
}

/* ---- Figures ---- */

static uint64_t pending_tasks(const mproc_pool *pool)
{
    uint64_t count = 0;
    for (const struct task *task = pool->pending.head; task != NULL; task = task->next)
        count++;
    return count;
}

static bool has_started(const struct worker_link *link, const struct task *task)
{
    uint32_t stamp =
        atomic_load_explicit(&link->area->submit[task->position % RING_SUBMIT_CELLS].stamp, memory_order_relaxed);
    return (stamp & STAMP_TAKEN) != 0;
}

static void count_link(const struct worker_link *link, mproc_pool_stats *stats)
{
    if (link->state != LINK_READY)
        return;
    stats->workers++;
    stats->idle += link->in_flight == 0;
    for (size_t i = 0; i < RING_SUBMIT_CELLS; i++) {
        if (link->tasks[i] == NULL)
            continue;
        bool started = has_started(link, link->tasks[i]);
        stats->running += started;
        stats->queued += !started;
    }
}

int mproc_pool_get_stats(mproc_pool *pool, mproc_pool_stats *ret_stats)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    mproc__pool_service(pool);
    mproc_pool_stats stats = pool->stats;
    stats.queued = pending_tasks(pool);
    for (int i = 0; i < pool->options.workers; i++)
        count_link(&pool->links[i], &stats);
    platform_mutex_unlock(&pool->lock);
    *ret_stats = stats;
    return 0;
}

int mproc_pool_worker_pids(mproc_pool *pool, int64_t *ret_pids, int capacity)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    int count = 0;
    platform_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->options.workers; i++) {
        if (pool->links[i].state != LINK_READY)
            continue;
        if (count < capacity)
            ret_pids[count] = pool->links[i].pid;
        count++;
    }
    platform_mutex_unlock(&pool->lock);
    return count;
}
