/* How jobs end. */
#ifndef MPROC_POOL_FINISH_H
#define MPROC_POOL_FINISH_H

#include "pool/job.h"

/** Ends a task: sets its code and, for a failure, its message; tells group, callbacks and waiters; frees it if nobody
 * holds it. */
void mproc__job_finish(struct job *job, int code, const char *message, int64_t exit_code);
/** The same for a task that died with its worker; a reference more on the remains, which may be NULL. */
void mproc__job_finish_with(struct job *job, int code, const char *message, int64_t exit_code, struct remains *remains);

#endif
