#include "pool/pause.h"
#include "pool/bell.h"
#include "pool/job.h"
#include "pool/pool.h"
#include "pool/schedule.h"
#include "pool/service.h"
#include "pool/state.h"
#include "pool/worker_set.h"

/* What has ended is taken in first, so that what is withdrawn is what waits. */
void mproc__pool_hold(mproc_pool *pool)
{
    if (pool->is_paused)
        return;
    mproc__pool_service(pool);
    pool->is_paused = true;
    mproc__schedule_withdraw_all(pool);
    /* Room is of no interest now, and whoever waits for it would not sleep. */
    worker_set_clear(&pool->crowded, pool->worker_count);
}

void mproc__pool_let_go(mproc_pool *pool)
{
    if (!pool->is_paused)
        return;
    pool->is_paused = false;
    mproc__pool_service(pool);
    mproc__bell_wake(&pool->shared->supervisor_bell);
}

int mproc_pool_pause(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    mproc__pool_hold(pool);
    platform_mutex_unlock(&pool->lock);
    return 0;
}

int mproc_pool_resume(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    mproc__pool_let_go(pool);
    platform_mutex_unlock(&pool->lock);
    return 0;
}
