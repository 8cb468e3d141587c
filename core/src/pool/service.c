/* One look after everything: the dead, the new, what came back, what can be sent. */
#include "pool/service.h"
#include "pool/collect.h"
#include "pool/link.h"
#include "pool/notes.h"
#include "pool/pool.h"
#include "pool/schedule.h"
#include "pool/staff.h"

static unsigned collect_all(mproc_pool *pool)
{
    unsigned taken = 0;
    struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        taken += mproc__collect(worker);
    return taken;
}

static void release_the_done(mproc_pool *pool)
{
    bool any_surplus = pool->worker_count > pool->options.workers;
    if (pool->phase == POOL_OPEN && pool->options.max_tasks_per_worker == 0 && pool->retiring == 0 && !any_surplus)
        return;
    for (int i = 0; i < pool->worker_count; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (worker->state == WORKER_READY && worker->in_flight == 0)
            mproc__staff_release_if_done(worker);
    }
}

void mproc__service_bury(mproc_pool *pool)
{
    if (pool->deferred != NULL && !pool->leading)
        mproc__link_free_deferred(&pool->deferred);
}

bool mproc__pool_service(mproc_pool *pool)
{
    note_time(pool);
    mproc__service_bury(pool);
    bool any = mproc__staff_reap_the_dead(pool);
    if (!worker_set_is_empty(&pool->starting, pool->worker_count))
        any |= mproc__staff_see_ready(pool);
    unsigned taken = collect_all(pool);
    release_the_done(pool);
    pool->since_service = 0;
    if (taken == 0 && (pool->in_flight > 1 || pool->pending.head != NULL))
        mproc__schedule_notice_slow(pool);
    if (pool->pending.head != NULL)
        mproc__schedule_feed(pool);
    if (pool->in_flight > 1 || !worker_set_is_empty(&pool->stalled, pool->worker_count))
        mproc__schedule_rebalance(pool);
    return any || taken > 0;
}
