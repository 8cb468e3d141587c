/* The handles of the system that a task was given: the pool's own duplicates, there until the task has ended, so that
 * it can be sent once more. */
#ifndef MPROC_POOL_JOB_HANDLES_H
#define MPROC_POOL_JOB_HANDLES_H

#include "platform.h"
#include <mproc/pool.h>

/** Held by the job, and by the link whose worker has it. The holds are under the pool's lock. */
struct job_handles {
    unsigned holds;
    unsigned count;
    platform_handle values[];
};

/** Duplicates those of the options, held once; NULL if there are none. The caller's are as they were.
 * Errors: MPROC_E_INVALID, MPROC_E_LIMIT, MPROC_E_NO_MEMORY, MPROC_E_OS. No lock is needed. */
int mproc__job_handles_copy(const mproc_task_options *options, struct job_handles **ret_handles);

/** Closes the caller's, if they were to be moved: the task has been submitted. No lock. */
void mproc__job_handles_close_moved(const mproc_task_options *options);

/** One hold more, one less: with the last the duplicates are closed. NULL is allowed. */
struct job_handles *mproc__job_handles_hold(struct job_handles *handles);
void mproc__job_handles_put(struct job_handles *handles);

#endif
