/* The end of everything at once: a pool that is terminated, or broken. */
#include "pool/end.h"
#include "base/log.h"
#include "pool/bell.h"
#include "pool/collect.h"
#include "pool/finish.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/map_items.h"
#include "pool/notes.h"
#include "pool/pending.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "pool/state.h"
#include <stdio.h>

static void fail_items(struct job *map, size_t first, size_t count, int code, const char *text)
{
    struct item_failure failure = {
        .item = first, .count = count, .code = code, .worker = -1, .remains = map->pool->broken_remains
    };
    mproc__map_failed(map, &failure, text);
}

/* With the stack that a broken pool has, if it has one. */
static void fail_call(struct job *job, int code, const char *text)
{
    note_ended(job, code, text);
    mproc__job_finish_with(job, code, text, 0, job->pool->broken_remains);
}

static void fail_job(struct job *job, int code, const char *text)
{
    if (job->kind == JOB_KIND_CHUNK) {
        struct job *map = job->extra.group;
        size_t count = job->extra.item_count;
        fail_items(map, job->extra.item, count, code, text);
        mproc__job_finish(job, 0, NULL, 0);
        mproc__map_items_finished(map, count);
    } else if (job->kind == JOB_KIND_MAP) {
        struct batch *batch = job->extra.batch;
        size_t first = batch->next;
        batch->next = batch->count;
        fail_items(job, first, batch->count - first, code, text);
        mproc__map_items_finished(job, batch->count - first);
    } else {
        fail_call(job, code, text);
    }
}

static void fail_in_flight(struct worker *worker, int code, const char *text)
{
    struct job *job;
    while ((job = worker->jobs.head) != NULL) {
        mproc__flight_give_up(worker, job);
        mproc__flight_leave_argument(worker, job);
        fail_job(job, code, text);
    }
}

void mproc__pool_fail_all(mproc_pool *pool, int code, const char *text)
{
    struct job *job;
    while ((job = pool->pending.head) != NULL) {
        pending_remove(pool, job);
        fail_job(job, code, text);
    }
    for (int i = 0; i < pool->worker_count; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (!worker_is_up(worker) && worker->state != WORKER_LEAVING)
            continue;
        /* What it had published is good; what it publishes from now on is about tasks that have ended. */
        mproc__collect(worker);
        fail_in_flight(worker, code, text);
        worker->mute = true;
    }
}

void mproc__pool_break(mproc_pool *pool, int code, const char *text, struct remains *remains)
{
    if (mproc__pool_is_cut_short(pool))
        return;
    pool->phase = POOL_BROKEN;
    pool->broken_code = code;
    pool->broken_remains = mproc__remains_hold(remains);
    snprintf(pool->broken_text, sizeof pool->broken_text, "%s", text);
    mproc__log(MPROC_LOG_ERROR, "%s is broken: %s", pool->name, pool->broken_text);
    mproc__pool_fail_all(pool, code, pool->broken_text);
    mproc__bell_wake_all(pool);
}
