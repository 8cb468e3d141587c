/* A pool's figures. */
#include "base/error.h"
#include "base/options.h"
#include "pool/job.h"
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

static void count_worker(const struct worker *worker, mproc_pool_stats *stats)
{
    if (!worker_is_up(worker))
        return;
    stats->workers++;
    stats->idle += worker->in_flight == 0;
    for (const struct job *job = worker->jobs.head; job != NULL; job = job->next) {
        bool started = link_trace(worker->link, job).started;
        stats->running += started;
        stats->queued += !started;
    }
}

_Static_assert(STRUCT_ENDS_WITH(mproc_pool_stats, busy_ns), "it can grow");

int mproc_pool_get_stats_(mproc_pool *pool, mproc_pool_stats *ret_stats, size_t stats_size)
{
    if (ret_stats == NULL)
        return mproc__error_null("ret_stats");
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    mproc__pool_service(pool);
    mproc_pool_stats stats = pool->stats;
    stats.queued = pending_jobs(pool);
    for (int i = 0; i < pool->worker_count; i++)
        count_worker(pool_worker(pool, i), &stats);
    platform_mutex_unlock(&pool->lock);
    mproc__struct_give(ret_stats, stats_size, &stats, sizeof stats);
    return 0;
}

int mproc_pool_get_worker_pids(mproc_pool *pool, int64_t *ret_pids, size_t capacity)
{
    int code = mproc__check_room(ret_pids, "ret_pids", capacity);
    if (code == 0)
        code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    size_t count = 0;
    platform_mutex_lock(&pool->lock);
    /* As mproc_pool_get_stats, which is to find the same workers. */
    mproc__pool_service(pool);
    for (int i = 0; i < pool->worker_count; i++) {
        if (!worker_is_up(pool_worker(pool, i)))
            continue;
        if (count < capacity)
            ret_pids[count] = pool_worker(pool, i)->pid;
        count++;
    }
    platform_mutex_unlock(&pool->lock);
    return (int)count;
}
