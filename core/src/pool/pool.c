/* A pool's life: created, closed or terminated, joined, freed. */
#include "pool/pool.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "base/ready.h"
#include "family/family.h"
#include "family/view.h"
#include "memory/object.h"
#include "pool/bell.h"
#include "pool/end.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/job_table.h"
#include "pool/kind.h"
#include "pool/link.h"
#include "pool/look_left.h"
#include "pool/observe.h"
#include "pool/outputs.h"
#include "pool/parts.h"
#include "pool/payload.h"
#include "pool/pool_layout.h"
#include "pool/remains.h"
#include "pool/running.h"
#include "pool/staff.h"
#include "pool/state.h"
#include "pool/supervisor.h"
#include <stdio.h>
#include <stdlib.h>

#define SPIN_NS 25000
/* Destroying does not wait longer than this for killed workers that the kernel will not let go. */
#define END_TIMEOUT_MS 10000

uint32_t mproc__pool_first_position;

/* ---- Creation ---- */

static void fill_defaults(mproc_pool *pool, const mproc_pool_options *given)
{
    static _Atomic unsigned pools;
    static _Atomic uint32_t numbers;
    mproc_pool_options *options = &pool->options;
    *options = *given;
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
    mproc__parts_close(pool);
    free_shared(pool);
    platform_handle_close(pool->callback_event);
    pool->callback_event = PLATFORM_NO_HANDLE;
    mproc__remains_put(pool->broken_remains);
    pool->broken_remains = NULL;
    pool->freed = true;
}

static int start_supervisor(mproc_pool *pool)
{
    int code = platform_thread_start(mproc__supervisor_main, pool, "mproc-pool", &pool->supervisor);
    return code < 0 ? mproc__error_platform(code, "the pool's supervisor") : 0;
}

static int set_up(mproc_pool *pool, const mproc_pool_options *options)
{
    fill_defaults(pool, options);
    int code = mproc__parts_open(pool);
    if (code == 0)
        code = make_shared(pool);
    if (code == 0)
        code = mproc__staff_start(pool);
    if (code == 0)
        code = mproc__running_add(pool);
    return code == 0 ? start_supervisor(pool) : code;
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

int mproc_pool_create_(mproc_pool **ret_pool, const mproc_pool_options *options, size_t options_size)
{
    mproc_pool_options own;
    if (ret_pool == NULL)
        return mproc__error(MPROC_E_INVALID, "no place for the pool");
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = mproc__parts_check(&own);
    if (code == 0)
        code = mproc__kind_allowed(&own);
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
