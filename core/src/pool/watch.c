/* Results and pools as elements of mproc_wait_any: see watch.h. */
#include "pool/watch.h"
#include "pool/bell.h"
#include "pool/job.h"
#include "pool/job_table.h"
#include "pool/pool.h"
#include "pool/result.h"
#include "pool/state.h"

int mproc__result_look(mproc_result *result)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    return job == NULL ? code : mproc__result_ask(job);
}

int mproc__pool_look(mproc_pool *pool)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    bool over = mproc__pool_is_over(pool);
    platform_mutex_unlock(&pool->lock);
    return over;
}

mproc_pool *mproc__result_pool(mproc_result *result)
{
    int code;
    const struct job *job = mproc__job_find(result, &code);
    return job == NULL ? NULL : job->pool;
}

/* The number changes under the lock under which tasks end: one that ended before is seen by the next look, one that
 * ends after finds the watcher. The supervisor, if it sleeps through completions, is told that somebody wants them. */
void mproc__pool_watch(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    pool->references++;
    pool->watchers++;
    mproc__bell_demand(pool);
    platform_mutex_unlock(&pool->lock);
}

void mproc__pool_unwatch(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    pool->watchers--;
    pool->references--;
    mproc__pool_unlock(pool);
}
