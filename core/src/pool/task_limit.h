/* The time limits of tasks: what may be asked for, and ending one that is over its limit. A soft limit is the affair of
 * the task alone (process/task_time.c). The pool's lock is held in all calls but those that check.
 */
#ifndef MPROC_POOL_TASK_LIMIT_H
#define MPROC_POOL_TASK_LIMIT_H

#include "pool/job.h"

/** 0 if a pool may have such limits. */
int mproc__task_limit_check(const mproc_pool_options *options);
/** 0 if a task of the pool may have such limits. */
int mproc__task_limit_check_task(const mproc_pool *pool, const mproc_task_options *options);
/** The limits that a task with these options has in such a pool. They were checked. */
struct task_terms mproc__task_limit_terms(const mproc_pool_options *pool, const mproc_task_options *options);

/** Looks which tasks with a limit have begun, sets their clocks, and ends those that are over it. */
void mproc__task_limit_look(mproc_pool *pool);

#endif
