/* Taking back what has not started. */
#ifndef MPROC_POOL_CANCEL_H
#define MPROC_POOL_CANCEL_H

#include "pool/job.h"

/** Cancels one task that has not started, chunk or call. Lock held. */
bool mproc__job_cancel(struct job *job);

/** Cancels a job, map or batch; one that runs already only if running_too. Returns as mproc_result_cancel or
 * mproc_result_cancel_running. */
int mproc__job_end(struct job *job, bool running_too);

#endif
