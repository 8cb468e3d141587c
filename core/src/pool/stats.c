/* A pool's figures. */
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/service.h"
#include "pool/state.h"

static uint64_t pending_jobs(const mproc_pool *pool)
{
    uint64_t count = 0;
    for (const struct job *job = pool->pending.head; job != NULL; job = job->next)
        count++;
    return count;
}

static bool has_started(const struct worker_link *link, const struct job *job)
{
    uint32_t stamp =
        atomic_load_explicit(&link->area->submit[job->position % RING_SUBMIT_CELLS].stamp, memory_order_relaxed);
    return (stamp & STAMP_TAKEN) != 0;
}

static void count_link(const struct worker_link *link, mproc_pool_stats *stats)
{
    if (link->state != LINK_READY)
        return;
    stats->workers++;
    stats->idle += link->in_flight == 0;
    for (size_t i = 0; i < RING_SUBMIT_CELLS; i++) {
        if (link->jobs[i] == NULL)
            continue;
        bool started = has_started(link, link->jobs[i]);
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
    stats.queued = pending_jobs(pool);
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
