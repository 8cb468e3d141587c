/* Callbacks: on a thread of their own, or in the program's event loop; one at a time, in order of completion. */
#ifndef MPROC_POOL_CALLBACK_H
#define MPROC_POOL_CALLBACK_H

#include "pool/job.h"

/** Whether somebody wants to be called when the job is done. */
static inline bool callback_wanted(const struct job *job)
{
    return job->has_extra && job->extra.callbacks != NULL;
}

/** The job's callbacks are due. Lock held. */
void mproc__callback_queue(struct job *job);
/** Gives a new job the callbacks of its options, if there are any, and sees to it that somebody calls them. Lock held.
 * Returns 0 or an error. */
int mproc__callback_give(struct job *job, const mproc_task_options *options);

#endif
