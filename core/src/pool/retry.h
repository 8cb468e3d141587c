/* Running a task again after its worker died: whether it may be, in one place. */
#ifndef MPROC_POOL_RETRY_H
#define MPROC_POOL_RETRY_H

#include "pool/job.h"
#include "pool/verdict.h"

/** Whether the job, which has started and not ended, may start once more after its worker ended in that way. */
bool mproc__retry_allowed(const struct job *job, const struct verdict *verdict);

#endif
