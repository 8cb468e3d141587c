/* When what happens in a pool is noted: from when somebody wants to know it until nobody does. The pool's lock is held.
 */
#ifndef MPROC_POOL_TRACE_WANT_H
#define MPROC_POOL_TRACE_WANT_H

#include "pool/trace.h"

/** From now on what is wanted is noted; of nothing, nothing, and what was noted is dropped. Without memory likewise. */
void mproc__trace_want(mproc_pool *pool, uint32_t wants);
/** Nothing is noted any more. */
void mproc__trace_close(mproc_pool *pool);
/** The worker has a new link. */
void mproc__trace_link(const struct worker *worker);

#endif
