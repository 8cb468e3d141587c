/* The jobs that wait for a worker: by priority, and among those of one in order. One list, of which the last job of
 * each priority is known while any but 0 is in use: without them it is a plain queue. The pool's lock is held in all
 * calls.
 */
#ifndef MPROC_POOL_PENDING_H
#define MPROC_POOL_PENDING_H

#include "base/base.h"
#include "pool/job_list.h"
#include "pool/pool.h"

/** When the oldest was submitted, by platform_ticks; INT64_MAX without one. Of a priority's jobs only the first some
 * hundred are asked: those behind came later, but for what was taken back from more workers than that. */
int64_t mproc__pending_oldest(const mproc_pool *pool);

/** The ways of a ranked queue: see below. */
void mproc__pending_push_ranked(mproc_pool *pool, struct job *job);
void mproc__pending_push_front_ranked(mproc_pool *pool, struct job *job);
void mproc__pending_remove_ranked(mproc_pool *pool, struct job *job);

static inline bool pending_is_plain(const mproc_pool *pool, const struct job *job)
{
    return likely(!pool->is_ranked && job->priority == 0);
}

/** Behind all of its priority. */
static inline void pending_push(mproc_pool *pool, struct job *job)
{
    pool->pending_count++;
    if (pending_is_plain(pool, job))
        job_list_push(&pool->pending, job);
    else
        mproc__pending_push_ranked(pool, job);
}

/** Before all of its priority. */
static inline void pending_push_front(mproc_pool *pool, struct job *job)
{
    pool->pending_count++;
    if (pending_is_plain(pool, job))
        job_list_push_front(&pool->pending, job);
    else
        mproc__pending_push_front_ranked(pool, job);
}

static inline void pending_remove(mproc_pool *pool, struct job *job)
{
    pool->pending_count--;
    if (likely(!pool->is_ranked))
        job_list_remove(&pool->pending, job);
    else
        mproc__pending_remove_ranked(pool, job);
}

#endif
