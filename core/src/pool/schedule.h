/* Which task goes to which worker. The pool's lock is held in all calls. */
#ifndef MPROC_POOL_SCHEDULE_H
#define MPROC_POOL_SCHEDULE_H

#include "pool/job.h"

/** Sends what can be sent. */
void mproc__schedule_feed(mproc_pool *pool);
/** Moves unstarted tasks from loaded workers to idle ones. */
void mproc__schedule_rebalance(mproc_pool *pool);
/** Times are measured when tasks end: notices one that is under way for longer than others were. */
void mproc__schedule_notice_long(mproc_pool *pool);
/** Before a bell is armed: sets when each worker is to notify by it. */
void mproc__schedule_thresholds(mproc_pool *pool);
/** Workers that use a CPU, as far as is known. */
int mproc__schedule_busy(const mproc_pool *pool);

#endif
