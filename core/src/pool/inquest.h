/* Workers that died of a fault before they were ready, in their initializer as a rule. No task has their stack in its
 * outcome, so the text of the death says where it was; and to find that out may take seconds, see crash_report.h. The
 * supervisor does it, without the lock: such a worker has no tasks that anybody could wait for. The lock is held in all
 * calls. */
#ifndef MPROC_POOL_INQUEST_H
#define MPROC_POOL_INQUEST_H

#include "pool/job.h"

struct worker;

/** Whether the worker, which has died, may not be reaped before the inquest. */
bool mproc__inquest_is_due(const struct worker *worker);
/** Whether there is such a one. */
bool mproc__inquest_is_wanted(const mproc_pool *pool);
/** Holds those that are due, by the supervisor; the lock is released meanwhile. */
void mproc__inquest_hold(mproc_pool *pool);

#endif
