/* All jobs of the process, and the handles that name them. */
#ifndef MPROC_POOL_JOB_TABLE_H
#define MPROC_POOL_JOB_TABLE_H

#include "pool/job.h"
#include "pool/job_search.h"

/** A task for the pool, zeroed but for its place; takes a reference on the pool. NULL without memory. */
struct job *mproc__job_new(mproc_pool *pool);

/** Gives a task back; every handle to it is stale from now on. This may have been the last reference to the pool:
 * unlock it with mproc__pool_unlock. */
void mproc__job_free(struct job *job);

/** Makes every handle to the task stale, which goes on without. Lock held. */
void mproc__job_end_handle(struct job *job);

/** Goes on looking for the job of that number that waits or runs, or for the map or batch of it. NULL if it is not in
 * this part. The longest part takes a fraction of a millisecond. Lock held. */
struct job *mproc__job_search(const mproc_pool *pool, uint64_t number, struct job_search *search);

/** Handle and task. find returns NULL and the error in ret_code: MPROC_E_STALE, or MPROC_E_WRONG_PROCESS in a copy of
 * this process. No lock. */
mproc_result *mproc__job_handle(const struct job *job);
struct job *mproc__job_find(const mproc_result *result, int *ret_code);

/** In a forked child, before it has other threads: the parent's tasks are forgotten, and so is who held the lock. */
void mproc__job_table_adopt(void);

/** Takes back what the pool, which goes and has no job left, was given. */
void mproc__job_table_return(mproc_pool *pool);

#endif
