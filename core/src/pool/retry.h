/* Running a task again after its worker died: whether it may be, in one place. */
#ifndef MPROC_POOL_RETRY_H
#define MPROC_POOL_RETRY_H

#include "pool/job.h"

/** 0 if that many may be asked for, or MPROC_E_INVALID. */
int mproc__retry_check(int retries);
/** Whether the job, which has started and not ended, may start once more. */
bool mproc__retry_allowed(const struct job *job);

#endif
