/* Ending a task before its time. The pool's lock is held in all calls but check.
 *
 * A task runs, or is asked to end, or its worker is killed: few states, and each step by the clock is the supervisor's.
 * What is done is about one task of one worker. Before the kill all that the worker has not begun is taken back, so
 * that it has this task alone, and cannot begin another: should it end in that very moment, then nothing is hit.
 */
#ifndef MPROC_POOL_TASK_END_H
#define MPROC_POOL_TASK_END_H

#include "pool/job.h"

struct task_clock;
struct verdict;
struct worker;

/** 0 if a pool may have such time for its tasks to end by themselves; no lock is needed. */
int mproc__task_end_check(const mproc_pool_options *options);

/** The clock of the worker's oldest task, which is the one that it runs, if it has begun any. Until it is asked to end,
 * whoever has set it for a time is to look by himself whether that has come. */
struct task_clock *mproc__task_clock(struct worker *worker);
/** The task that the worker runs is to end for this reason: it is asked to, and after grace_ms its worker is killed.
 * Its clock was looked at, and it was not asked before. worker.reason says more. */
void mproc__task_end(struct worker *worker, const struct verdict *verdict);
/** Ends the task that the worker runs, which was cancelled. */
void mproc__task_end_cancel(struct worker *worker);
/** After the worker's death, when what it had published was collected: if it died by itself in a task that was asked to
 * end, that is the verdict. */
void mproc__task_end_settle(struct worker *worker);

/** Kills those whose time to end by themselves is over. */
void mproc__task_end_look(mproc_pool *pool);
/** When a clock is due; INT64_MAX while none is set. After a look. */
int64_t mproc__task_end_next_look(const mproc_pool *pool);

#endif
