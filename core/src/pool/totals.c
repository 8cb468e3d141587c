#include "pool/totals.h"
#include "pool/link.h"
#include "pool/pending.h"

static int64_t ago_ns(int64_t now, int64_t ticks)
{
    return now > ticks ? platform_ticks_ns(now - ticks) : 0;
}

/* Jobs run in the order in which they were sent: only the first can be under way. */
static void count_jobs(const struct worker *worker, int64_t *oldest, mproc_pool_stats *stats)
{
    const struct job *job = worker->jobs.head;
    if (job != NULL && link_trace(worker->link, job).started) {
        stats->running++;
        job = job->next;
    }
    for (; job != NULL; job = job->next) {
        stats->queued++;
        *oldest = job->submitted < *oldest ? job->submitted : *oldest;
    }
}

static void count_worker(const struct worker *worker, int64_t *oldest, mproc_pool_stats *stats)
{
    stats->busy_ns += (uint64_t)worker->account.busy_ns;
    if (!worker_is_up(worker))
        return;
    stats->workers++;
    stats->idle += worker->in_flight == 0;
    count_jobs(worker, oldest, stats);
}

mproc_pool_stats mproc__totals(const mproc_pool *pool)
{
    mproc_pool_stats stats = pool->stats;
    int64_t now = platform_ticks(), oldest = mproc__pending_oldest(pool);
    stats.queued += pool->pending_count;
    for (int i = 0; i < pool->worker_count; i++)
        count_worker(pool_worker(pool, i), &oldest, &stats);
    stats.oldest_ns = ago_ns(now, oldest);
    stats.age_ns = ago_ns(now, pool->created);
    return stats;
}

/* A worker that is leaving may still have to do what it was given. */
mproc_worker_state mproc__totals_state(const struct worker *worker, bool running)
{
    switch (worker->state) {
    case WORKER_NONE:
        return MPROC_WORKER_NONE;
    case WORKER_STARTING:
        return MPROC_WORKER_STARTING;
    case WORKER_READY:
    case WORKER_ALONE:
        return running ? MPROC_WORKER_BUSY : MPROC_WORKER_IDLE;
    case WORKER_LEAVING:
        return MPROC_WORKER_LEAVING;
    }
    return MPROC_WORKER_NONE;
}
