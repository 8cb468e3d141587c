/* Callbacks: on a thread of their own, or in the program's event loop; one at a time, in order of completion. */
#include "pool/callback.h"
#include "base/error.h"
#include "base/log.h"
#include "pool/bell.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/job_table.h"
#include "pool/pool.h"
#include "pool/state.h"
#include <stdio.h>
#include <stdlib.h>

void mproc__callback_queue(struct job *job)
{
    mproc_pool *pool = job->pool;
    job_list_push(&pool->callbacks, job);
    if (pool->callback_event != PLATFORM_NO_HANDLE)
        platform_event_set(pool->callback_event);
    else
        platform_condition_signal(&pool->callbacks_changed);
}

static int run_one(const struct callback *call, const mproc_outcome *outcome)
{
    mproc_done_fn *function = outcome->code < 0 && call->on_error != NULL ? call->on_error : call->on_done;
    if (function == NULL)
        return 0;
    int cancel = platform_cancel_hold();
    int code = function(outcome, call->user);
    platform_cancel_release(cancel);
    return code;
}

/* A failing callback becomes its job's error, unless the job had one. */
static void note_failure(struct job *job, int code)
{
    mproc__log(MPROC_LOG_ERROR, "%s: a callback of task %llu failed with code %d", job->pool->name,
               (unsigned long long)job->number, code);
    if (job->code < 0)
        return;
    struct failure *failure = calloc(1, sizeof *failure);
    if (failure != NULL) {
        snprintf(failure->message, sizeof failure->message, "its callback failed with code %d", code);
        job_extra(job)->failure = failure;
    }
    atomic_store_explicit(&job->code, MPROC_E_CALLBACK, memory_order_release);
}

/* Lock held, released during the calls. */
static void call_job(mproc_pool *pool, struct job *job)
{
    mproc_outcome outcome;
    struct callback *calls = job->extra.callbacks;
    int failed = 0;
    job_extra(job)->callbacks = NULL;
    pool->callback_runs = true;
    pool->callback_runs_on = platform_thread_id();
    platform_mutex_unlock(&pool->lock);
    mproc__job_outcome(job, &outcome);
    for (struct callback *call = calls, *next; call != NULL; call = next) {
        next = call->next;
        int code = run_one(call, &outcome);
        failed = code < 0 ? code : failed;
        free(call);
    }
    platform_mutex_lock(&pool->lock);
    pool->callback_runs = false;
    if (failed < 0)
        note_failure(job, failed);
}

static void after_call(mproc_pool *pool, struct job *job)
{
    pool->callbacks_outstanding--;
    job->callback_queued = false;
    if (job->extra.callbacks != NULL) {
        pool->callbacks_outstanding++;
        job->callback_queued = true;
        mproc__callback_queue(job);
    } else if (!job->owned) {
        mproc__job_free(job);
    }
    if (pool->callbacks_outstanding == 0)
        mproc__bell_tell_followers(pool);
}

static struct job *take_call(mproc_pool *pool)
{
    struct job *job = pool->callbacks.head;
    if (job != NULL)
        job_list_remove(&pool->callbacks, job);
    return job;
}

static void call_all(void *argument)
{
    mproc_pool *pool = argument;
    platform_mutex_lock(&pool->lock);
    for (;;) {
        struct job *job = take_call(pool);
        if (job != NULL) {
            call_job(pool, job);
            after_call(pool, job);
        } else if (pool->callback_stop) {
            break;
        } else {
            platform_condition_wait(&pool->callbacks_changed, &pool->lock, INT64_MAX);
        }
    }
    platform_mutex_unlock(&pool->lock);
}

/* Sees to it that somebody calls: starts the thread unless the program dispatches. */
static int start_caller(mproc_pool *pool)
{
    if (pool->callback_thread != NULL || pool->callback_event != PLATFORM_NO_HANDLE)
        return 0;
    int code = platform_thread_start(call_all, pool, "mproc-callback", &pool->callback_thread);
    return code < 0 ? mproc__error_platform(code, "the callback thread") : 0;
}

static struct callback *new_callback(mproc_done_fn *on_done, mproc_done_fn *on_error, void *user)
{
    struct callback *call = malloc(sizeof *call);
    if (call == NULL)
        mproc__error(MPROC_E_NO_MEMORY, "a callback");
    else
        *call = (struct callback){ on_done, on_error, user, NULL };
    return call;
}

int mproc__callback_give(struct job *job, const mproc_task_options *options)
{
    if (options->on_done == NULL && options->on_error == NULL)
        return 0;
    job_extra(job)->callbacks = new_callback(options->on_done, options->on_error, options->user);
    return job->extra.callbacks != NULL ? start_caller(job->pool) : MPROC_E_NO_MEMORY;
}

int mproc_pool_get_callback_handle(mproc_pool *pool, mproc_os_handle *ret_handle)
{
    if (ret_handle == NULL)
        return mproc__error_null("ret_handle");
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    if (pool->callback_thread != NULL)
        code = mproc__error(MPROC_E_STATE, "%s has a callback thread already", pool->name);
    else if (pool->callback_event == PLATFORM_NO_HANDLE)
        code = platform_event_create(&pool->callback_event) < 0 ? mproc__error_platform(MPROC_E_OS, "an event") : 0;
    if (code == 0)
        *ret_handle = pool->callback_event;
    platform_mutex_unlock(&pool->lock);
    return code;
}

int mproc_pool_dispatch(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    int count = 0;
    struct job *job;
    platform_mutex_lock(&pool->lock);
    if (pool->callback_event == PLATFORM_NO_HANDLE) {
        platform_mutex_unlock(&pool->lock);
        return mproc__error(MPROC_E_STATE, "mproc_pool_dispatch without mproc_pool_get_callback_handle");
    }
    while ((job = take_call(pool)) != NULL) {
        call_job(pool, job);
        after_call(pool, job);
        count++;
    }
    /* After the last one, and under the lock under which it is set: ready means that a callback waits. */
    platform_event_clear(pool->callback_event);
    platform_mutex_unlock(&pool->lock);
    return count;
}

static int add_callback(struct job *job, struct callback *call)
{
    mproc_pool *pool = job->pool;
    int code = start_caller(pool);
    if (code < 0)
        return code;
    bool done = mproc__job_is_done(job);
    /* Counted once while the task is to be called, whether it is done or not. */
    if (done ? !job->callback_queued : !callback_wanted(job))
        pool->callbacks_outstanding++;
    struct callback **end = &job_extra(job)->callbacks;
    while (*end != NULL)
        end = &(*end)->next;
    *end = call;
    if (done && !job->callback_queued) {
        job->callback_queued = true;
        mproc__callback_queue(job);
    }
    return 0;
}

int mproc_result_add_callback(mproc_result *result, mproc_done_fn *function, void *user)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    if (function == NULL)
        return mproc__error(MPROC_E_INVALID, "no function");
    struct callback *call = new_callback(function, NULL, user);
    if (call == NULL)
        return MPROC_E_NO_MEMORY;
    mproc_pool *pool = job->pool;
    platform_mutex_lock(&pool->lock);
    code = pool->freed ? mproc__error(MPROC_E_CLOSED, "the pool was freed") : add_callback(job, call);
    platform_mutex_unlock(&pool->lock);
    if (code < 0)
        free(call);
    return code;
}
