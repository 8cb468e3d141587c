/* The end of everything at once: a pool that is terminated, or broken. */
#ifndef MPROC_POOL_END_H
#define MPROC_POOL_END_H

#include "pool/job.h"

/** The remains are those of the worker whose death is the reason: they go with the tasks that end with the pool. NULL
 * is none. */
void mproc__pool_break(mproc_pool *pool, int code, const char *text, struct remains *remains);
/** Ends every task that is not done. */
void mproc__pool_fail_all(mproc_pool *pool, int code, const char *text);

#endif
