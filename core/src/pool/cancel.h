/* Taking back what has not started. */
#ifndef MPROC_POOL_CANCEL_H
#define MPROC_POOL_CANCEL_H

#include "pool/job.h"

/** Cancels one task that has not started, chunk or call. Lock held. */
bool mproc__job_cancel(struct job *job);

#endif
