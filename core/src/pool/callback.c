/* Callbacks: on a thread of their own, or in the program's event loop; one at a time, in order of completion. */
#include "base/error.h"
#include "base/log.h"
#include "pool/pool_types.h"
#include <stdio.h>
#include <stdlib.h>

void mproc__calls_queue(struct task *task)
{
    mproc_pool *pool = task->pool;
    mproc__queue_push(&pool->calls, task);
    if (pool->calls_event != PLATFORM_NO_HANDLE)
        platform_event_set(pool->calls_event);
    else
        platform_condition_signal(&pool->calls_changed);
}

static int run_one(const struct done_call *call, const mproc_outcome *outcome)
{
    mproc_done_fn *function = outcome->code < 0 && call->on_error != NULL ? call->on_error : call->on_done;
    return function != NULL ? function(outcome, call->user) : 0;
}

/* A failing callback becomes its job's error, unless the job had one. */
static void note_failure(struct task *task, int code)
{
    mproc__log(MPROC_LOG_ERROR, "%s: a callback of task %llu failed with code %d", task->pool->name,
               (unsigned long long)task->number, code);
    if (task->code < 0)
        return;
    struct failure *failure = malloc(sizeof *failure);
    if (failure != NULL) {
        snprintf(failure->message, sizeof failure->message, "its callback failed with code %d", code);
        failure->exit_code = 0;
        task->failure = failure;
    }
    atomic_store_explicit(&task->code, MPROC_E_CALLBACK, memory_order_release);
}

/* Lock held, released during the calls. */
static void call_task(mproc_pool *pool, struct task *task)
{
    mproc_outcome outcome;
    struct done_call first = task->call, *more = task->more_calls;
    int failed = 0;
    task->more_calls = NULL;
    mproc__task_outcome(task, &outcome);
    pool->calling = true;
    pool->calling_thread = platform_thread_id();
    platform_mutex_unlock(&pool->lock);
    if (!task->called)
        failed = run_one(&first, &outcome);
    for (struct done_call *call = more, *next; call != NULL; call = next) {
        next = call->next;
        int code = run_one(call, &outcome);
        failed = code < 0 ? code : failed;
        free(call);
    }
    platform_mutex_lock(&pool->lock);
    pool->calling = false;
    task->called = true;
    if (failed < 0)
        note_failure(task, failed);
}

static void after_call(mproc_pool *pool, struct task *task)
{
    pool->calls_outstanding--;
    task->queued_calls = false;
    if (task->more_calls != NULL) {
        pool->calls_outstanding++;
        task->queued_calls = true;
        mproc__calls_queue(task);
    } else if (!task->owned) {
        mproc__task_free(task);
    }
    if (pool->calls_outstanding == 0)
        platform_condition_broadcast(&pool->changed);
}

static struct task *take_call(mproc_pool *pool)
{
    struct task *task = pool->calls.head;
    if (task != NULL)
        mproc__queue_remove(&pool->calls, task);
    return task;
}

void mproc__caller_main(void *argument)
{
    mproc_pool *pool = argument;
    platform_mutex_lock(&pool->lock);
    for (;;) {
        struct task *task = take_call(pool);
        if (task != NULL) {
            call_task(pool, task);
            after_call(pool, task);
        } else if (pool->caller_stop) {
            break;
        } else {
            platform_condition_wait(&pool->calls_changed, &pool->lock, INT64_MAX);
        }
    }
    platform_mutex_unlock(&pool->lock);
}

int mproc__caller_start(mproc_pool *pool)
{
    if (pool->caller != NULL || pool->calls_event != PLATFORM_NO_HANDLE)
        return 0;
    int code = platform_thread_start(mproc__caller_main, pool, "mproc-callback", &pool->caller);
    return code < 0 ? mproc__error_platform(code, "the callback thread") : 0;
}

int mproc_pool_handle(mproc_pool *pool, mproc_os_handle *ret_handle)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    if (pool->caller != NULL)
        code = mproc__error(MPROC_E_STATE, "%s has a callback thread already", pool->name);
    else if (pool->calls_event == PLATFORM_NO_HANDLE)
        code = platform_event_create(&pool->calls_event) < 0 ? mproc__error_platform(MPROC_E_OS, "an event") : 0;
    if (code == 0)
        *ret_handle = pool->calls_event;
    platform_mutex_unlock(&pool->lock);
    return code;
}

int mproc_pool_dispatch(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    int count = 0;
    struct task *task;
    platform_mutex_lock(&pool->lock);
    if (pool->calls_event == PLATFORM_NO_HANDLE) {
        platform_mutex_unlock(&pool->lock);
        return mproc__error(MPROC_E_STATE, "mproc_pool_dispatch without mproc_pool_handle");
    }
    while ((task = take_call(pool)) != NULL) {
        call_task(pool, task);
        after_call(pool, task);
        count++;
    }
    /* After the last one, and under the lock under which it is set: ready means that a callback waits. */
    platform_event_clear(pool->calls_event);
    platform_mutex_unlock(&pool->lock);
    return count;
}
