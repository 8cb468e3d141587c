/* How single tasks come in. */
#ifndef MPROC_POOL_SUBMIT_H
#define MPROC_POOL_SUBMIT_H

#include "base/function.h"
#include "pool/job.h"

/** A task for the function, its reference found; NULL with the error in ret_code. Lock held, here and below. */
struct job *mproc__job_prepare(mproc_pool *pool, any_function *function, const char *site, int *ret_code);
/** Hands a prepared task to the pool. */
void mproc__job_submit(struct job *job);
/** The call site recorded last by this thread, once. */
const char *mproc__take_site(void);

#endif
