/* What a pool is at the moment, and how long it is kept. */
#include "pool/state.h"
#include "base/error.h"
#include "base/ready.h"
#include "pool/job_table.h"
#include "pool/pool.h"
#include <mproc/init.h>
#include <stdlib.h>

int mproc__pool_check(const mproc_pool *pool)
{
    if (pool == NULL)
        return mproc__error(MPROC_E_INVALID, "no pool");
    if (pool->epoch != mproc__process_epoch || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "a pool is used by the process that made it");
    return 0;
}

int mproc__pool_open_check(mproc_pool *pool)
{
    switch (pool->phase) {
    case POOL_OPEN:
        return 0;
    case POOL_CLOSED:
        return mproc__error(MPROC_E_CLOSED, "%s takes no more tasks", pool->name);
    case POOL_TERMINATED:
        return mproc__error(MPROC_E_TERMINATED, "%s", pool->name);
    case POOL_BROKEN:
        return mproc__error_text(pool->broken_code, pool->broken_text);
    }
    return MPROC_E_INTERNAL;
}

void mproc__pool_count_cpus(mproc_pool *pool)
{
    if (pool->cpus == 0)
        pool->cpus = mproc_get_cpu_count();
}

bool mproc__pool_needs_workers(const mproc_pool *pool)
{
    return pool->phase == POOL_OPEN || (pool->phase == POOL_CLOSED && pool->outstanding > 0);
}

bool mproc__pool_is_cut_short(const mproc_pool *pool)
{
    return pool->phase == POOL_TERMINATED || pool->phase == POOL_BROKEN;
}

void mproc__pool_free(mproc_pool *pool)
{
    mproc__job_table_return(pool);
    platform_condition_destroy(&pool->changed);
    platform_condition_destroy(&pool->callbacks_changed);
    platform_mutex_destroy(&pool->lock);
    free(pool);
}

void mproc__pool_unlock(mproc_pool *pool)
{
    bool last = pool->references == 0;
    platform_mutex_unlock(&pool->lock);
    if (last)
        mproc__pool_free(pool);
}
