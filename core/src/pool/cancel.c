/* Taking back what has not started, and ending what has. */
#include "pool/cancel.h"
#include "base/error.h"
#include "pool/bell.h"
#include "pool/collect.h"
#include "pool/finish.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/job_table.h"
#include "pool/link.h"
#include "pool/map_items.h"
#include "pool/pending.h"
#include "pool/pool.h"
#include "pool/schedule.h"
#include "pool/service.h"
#include "pool/state.h"
#include "pool/task_end.h"
#include <limits.h>

static const char cancelled_text[] = "the task was cancelled before it started";

static void cancel_items(struct job *map, size_t first, size_t count)
{
    mproc__map_failed(map,
                      &(struct item_failure){ .item = first, .count = count, .code = MPROC_E_CANCELLED, .worker = -1 },
                      cancelled_text);
    mproc__map_items_finished(map, count);
}

static bool withdraw(struct job *job)
{
    mproc_pool *pool = job->pool;
    if (atomic_load_explicit(&job->state, memory_order_relaxed) == JOB_SENT)
        return mproc__flight_recall(pool_worker(pool, job->worker), job);
    pending_remove(pool, job);
    return true;
}

bool mproc__job_cancel(struct job *job)
{
    if (!withdraw(job))
        return false;
    if (job->kind == JOB_KIND_CHUNK) {
        struct job *map = job->extra.group;
        size_t first = job->extra.item, count = job->extra.item_count;
        mproc__job_finish(job, 0, NULL, 0);
        cancel_items(map, first, count);
    } else {
        mproc__job_finish(job, MPROC_E_CANCELLED, cancelled_text, 0);
    }
    return true;
}

static void cancel_parts(const struct job_list *list, const struct job *map)
{
    for (struct job *job = list->head, *next; job != NULL; job = next) {
        next = job->next;
        if (job->kind == JOB_KIND_CHUNK && job->extra.group == map)
            mproc__job_cancel(job);
    }
}

/* What no chunk has been made for; returns how many items. It may be what the map still waited for. */
static size_t cancel_rest(struct job *map)
{
    struct batch *batch = map->extra.batch;
    size_t first = batch->next, left = batch->count - first;
    if (left == 0)
        return 0;
    pending_remove(map->pool, map);
    batch->next = batch->count;
    cancel_items(map, first, left);
    return left;
}

/* The chunks of a map that are under way, queued or in a ring. One item is kept back in remaining, so that the map does
 * not end, and go, before we are through. */
static void cancel_map(struct job *map)
{
    mproc_pool *pool = map->pool;
    struct batch *batch = map->extra.batch;
    batch->remaining++;
    cancel_parts(&pool->pending, map);
    for (int i = 0; i < pool->worker_count; i++)
        cancel_parts(&pool_worker(pool, i)->jobs, map);
    cancel_rest(map);
    mproc__map_items_finished(map, 1);
}

static void cancel_batch(struct job *group)
{
    struct batch *batch = group->extra.batch;
    size_t count = batch->count;
    for (size_t i = 0; i < count && !mproc__job_is_done(group); i++)
        if (!mproc__job_is_done(batch->items[i]))
            mproc__job_cancel(batch->items[i]);
}

static int cancel(struct job *job)
{
    if (mproc__job_is_done(job))
        return MPROC_WAS_FINISHED;
    if (job->kind == JOB_KIND_MAP)
        cancel_map(job);
    else if (job->kind == JOB_KIND_BATCH)
        cancel_batch(job);
    else
        mproc__job_cancel(job);
    return mproc__job_is_done(job) ? 0 : MPROC_WAS_RUNNING;
}

/* What could not be taken back has begun: once what came before it is collected it is the oldest of its worker. */
static int end_running(struct job *job)
{
    const mproc_pool *pool = job->pool;
    if (!pool->ops->can_kill)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "the task runs in a thread, which cannot be killed");
    for (int i = 0; i < pool->worker_count; i++) {
        struct worker *worker = pool_worker(pool, i);
        mproc__collect(worker);
        const struct job *running = worker->jobs.head;
        if (running != NULL && (running == job || running->extra.group == job))
            mproc__task_end_cancel(worker);
    }
    if (!mproc__job_is_done(job))
        return MPROC_WAS_RUNNING;
    /* It has ended meanwhile; of a map or batch some may have been cancelled. */
    return job->extra.batch != NULL ? 0 : MPROC_WAS_FINISHED;
}

int mproc__job_end(struct job *job, bool running_too)
{
    int code = cancel(job);
    return running_too && code == MPROC_WAS_RUNNING ? end_running(job) : code;
}

static int cancel_result(mproc_result *result, bool running_too)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    mproc_pool *pool = job->pool;
    platform_mutex_lock(&pool->lock);
    mproc__pool_service(pool);
    code = mproc__job_end(job, running_too);
    platform_mutex_unlock(&pool->lock);
    return code;
}

int mproc_result_cancel(mproc_result *result)
{
    return cancel_result(result, false);
}

int mproc_result_cancel_running(mproc_result *result)
{
    return cancel_result(result, true);
}

/* Of a job in the queue; returns how many tasks and items it was. */
static size_t cancel_pending(struct job *job)
{
    if (job->kind == JOB_KIND_MAP)
        return cancel_rest(job);
    size_t count = job->kind == JOB_KIND_CHUNK ? job->extra.item_count : 1;
    mproc__job_cancel(job);
    return count;
}

int mproc_pool_cancel_queued(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    size_t count = 0;
    platform_mutex_lock(&pool->lock);
    mproc__pool_service(pool);
    mproc__schedule_withdraw_all(pool);
    while (pool->pending.head != NULL)
        count += cancel_pending(pool->pending.head);
    /* Of a map some of which runs, nothing has ended, but there is room in the queue. */
    mproc__bell_tell_waiters(pool);
    platform_mutex_unlock(&pool->lock);
    return count < INT_MAX ? (int)count : INT_MAX;
}
