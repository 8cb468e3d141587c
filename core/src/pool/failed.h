/* Failed tasks of a pool that may be controlled, so that who watches it can have one tried again: what each was called
 * with. The last ones, in bounded memory of the parent; guarded by the pool's lock.
 *
 * A task that is tried again is a new one, with a number of its own, whose result is nobody's: what the program has
 * seen of the first one stays what it is.
 */
#ifndef MPROC_POOL_FAILED_H
#define MPROC_POOL_FAILED_H

#include "pool/job.h"

/** So many are kept, with so many bytes of arguments together: with the next one the oldest go. */
#define FAILED_KEPT  64u
#define FAILED_BYTES ((size_t)1 << 20)

struct failed_tasks;

/** Whether the job would be kept if it failed: a call that has no handles, since these go with it, and no argument of
 * more bytes than are kept. */
bool mproc__failed_is_kept(const struct job *job);
/** The job has failed. If it is kept, its argument is not the job's any more. */
void mproc__failed_keep(struct job *job);

/** Whether the task of that number is kept. */
bool mproc__failed_has(const mproc_pool *pool, uint64_t number);

/** Makes a job of the kept task of that number, which is kept no more, to be submitted.
 * Errors: MPROC_E_NOT_FOUND; MPROC_E_NO_FUNCTION if the function was unloaded since; MPROC_E_NO_MEMORY. */
int mproc__failed_take(mproc_pool *pool, uint64_t number, struct job **ret_job);

void mproc__failed_close(mproc_pool *pool);

#endif
