/* The time limits of running tasks, and ending one before its time. The pool's lock is held in all calls.
 *
 * A task has not begun, or it runs, or it is asked to end, or its worker is killed: few states, and each step is the
 * supervisor's. What is done is about one task of one worker. Before the kill all that the worker has not begun is
 * taken back, so that it has this task alone, and cannot begin another: should it end in that very moment, then nothing
 * is hit.
 */
#ifndef MPROC_POOL_TASK_LIMIT_H
#define MPROC_POOL_TASK_LIMIT_H

#include "pool/job.h"

struct worker;

/** 0 if a pool may have such limits; no lock is needed. */
int mproc__task_limit_check(const mproc_pool_options *options);

/** Looks which tasks have begun, and does what is due. */
void mproc__task_limit_look(mproc_pool *pool);

/** When to look next; INT64_MAX while no worker has a task that has a limit. After a look. */
int64_t mproc__task_limit_next_look(const mproc_pool *pool);

/** Ends the task that the worker runs, which was cancelled. */
void mproc__task_limit_cancel(struct worker *worker);

/** After the worker's death, when what it had published was collected: if it died by itself in a task that was asked to
 * end, that is the verdict. */
void mproc__task_limit_settle(struct worker *worker);

#endif
