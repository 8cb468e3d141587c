/* How a thread of the program's waits for a pool. */
#ifndef MPROC_POOL_AWAIT_H
#define MPROC_POOL_AWAIT_H

#include "pool/job.h"

/** Waits, leading or following, until done(argument) or the deadline. Lock held, released meanwhile. */
int mproc__pool_wait(mproc_pool *pool, bool (*done)(void *argument), void *argument, int64_t deadline_ns);
/** Whether service would find something that notifies a bell armed with ALL, or, unless all, one armed with NEEDS. Lock
 * held. */
bool mproc__pool_has_news(mproc_pool *pool, bool all);

#endif
