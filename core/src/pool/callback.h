/* Callbacks: on a thread of their own, or in the program's event loop; one at a time, in order of completion. */
#ifndef MPROC_POOL_CALLBACK_H
#define MPROC_POOL_CALLBACK_H

#include "pool/job.h"

/** Whether somebody wants to be called when the job is done. */
static inline bool callback_wanted(const struct job *job)
{
    return job->options.on_done != NULL || job->options.on_error != NULL || job->more_callbacks != NULL;
}

/** The job's callbacks are due. Lock held. */
void mproc__callback_queue(struct job *job);
/** Sees to it that somebody calls them: starts the thread unless the program dispatches. Lock held. */
int mproc__callback_start(mproc_pool *pool);

#endif
