/* The end of everything at once: a pool that is terminated, or broken. */
#ifndef MPROC_POOL_END_H
#define MPROC_POOL_END_H

#include "pool/job.h"

void mproc__pool_break(mproc_pool *pool, int code, const char *text);
/** Ends every task that is not done. */
void mproc__pool_fail_all(mproc_pool *pool, int code, const char *text);

#endif
