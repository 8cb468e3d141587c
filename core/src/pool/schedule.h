/* Which task goes to which worker. The pool's lock is held in all calls. */
#ifndef MPROC_POOL_SCHEDULE_H
#define MPROC_POOL_SCHEDULE_H

#include "pool/job.h"

/** Sends what can be sent. */
void mproc__schedule_feed(mproc_pool *pool);
/** Whether the workers have enough to do until whoever submits comes by again. Of what is sent many at a time the cache
 * lines travel side by side. */
bool mproc__schedule_may_gather(const mproc_pool *pool);
/** Moves unstarted tasks from loaded workers to idle ones. */
void mproc__schedule_rebalance(mproc_pool *pool);
/** Takes back what workers have not begun, to the head of the queue. */
void mproc__schedule_withdraw_all(mproc_pool *pool);
/** Whether another worker would be given tasks, if some wait: none is idle, and there are CPUs for it, or the tasks are
 * such that it pays. */
bool mproc__schedule_could_use_more(const mproc_pool *pool);
/** Times are measured when tasks end. One that runs much longer than the tasks before it would go unnoticed until then,
 * and tasks of its kind would be queued behind it: so the age of a task under way counts as soon as it is larger. One
 * that has not begun, at a worker that does not run, would wait as long as that. */
void mproc__schedule_notice_slow(mproc_pool *pool);
/** Before a bell is armed: sets when each worker is to notify by it. */
void mproc__schedule_thresholds(mproc_pool *pool);
/** The same before a thread of the program's goes to sleep, which woken_at is set after. */
void mproc__schedule_waits(mproc_pool *pool);
/** Workers that use a CPU, as far as is known. */
int mproc__schedule_busy(const mproc_pool *pool);

#endif
