/* All jobs of the process, and the handles that name them. */
#ifndef MPROC_POOL_JOB_TABLE_H
#define MPROC_POOL_JOB_TABLE_H

#include "pool/job.h"

/** A task for the pool, zeroed but for its place; takes a reference on the pool. NULL without memory. */
struct job *mproc__job_new(mproc_pool *pool);

/** Gives a task back; every handle to it is stale from now on. This may have been the last reference to the pool:
 * unlock it with mproc__pool_unlock. */
void mproc__job_free(struct job *job);

/** Makes every handle to the task stale, which goes on without. Lock held. */
void mproc__job_end_handle(struct job *job);

/** Handle and task. find returns NULL and the error MPROC_E_STALE in ret_code. No lock. */
mproc_result *mproc__job_handle(const struct job *job);
struct job *mproc__job_find(const mproc_result *result, int *ret_code);

/** In a forked child, before it has other threads: the parent's tasks are forgotten, and so is who held the lock. */
void mproc__job_table_adopt(void);

/** Returns a whole free list when its pool goes. */
void mproc__job_table_return(struct job *list);

#endif
