/* The maps and batches of a pool that are under way, from when they are submitted until they end, in the order in which
 * they came. The pool's lock is held.
 */
#ifndef MPROC_POOL_MAP_LIST_H
#define MPROC_POOL_MAP_LIST_H

#include "pool/pool.h"

/** Of a job that is a map or batch; of any other nothing happens. */
static inline void map_list_add(struct job *job)
{
    struct batch *batch = job->has_extra ? job->extra.batch : NULL;
    if (likely(batch == NULL))
        return;
    mproc_pool *pool = job->pool;
    batch->previous_map = pool->last_map;
    batch->next_map = NULL;
    if (pool->last_map != NULL)
        pool->last_map->extra.batch->next_map = job;
    else
        pool->first_map = job;
    pool->last_map = job;
}

/** The same. */
static inline void map_list_remove(struct job *job)
{
    struct batch *batch = job->has_extra ? job->extra.batch : NULL;
    if (likely(batch == NULL))
        return;
    mproc_pool *pool = job->pool;
    if (batch->previous_map != NULL)
        batch->previous_map->extra.batch->next_map = batch->next_map;
    else
        pool->first_map = batch->next_map;
    if (batch->next_map != NULL)
        batch->next_map->extra.batch->previous_map = batch->previous_map;
    else
        pool->last_map = batch->previous_map;
}

#endif
