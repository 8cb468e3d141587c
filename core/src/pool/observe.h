/* What may be asked of all pools of this process at once, by whoever tells somebody else of them: what they are, what
 * has happened in them since the last time, and, of those that grant it, that they do something. It is asked by the
 * clock, so nothing here grows with the number of tasks that wait.
 *
 * A pool is shown unless its option .monitor is -1. What it notes for this costs a branch per task while nobody wants
 * anything: the rest is allocated when somebody does, bounded, and given back when nobody does any more.
 *
 * One thread at a time calls mproc__observe. The others may be called by any, beside it. All of it is about pools of
 * the calling process: after a fork the child begins with none, and nobody who wants anything.
 */
#ifndef MPROC_POOL_OBSERVE_H
#define MPROC_POOL_OBSERVE_H

#include "pool/job_search.h"
#include "trace/record.h"

struct mproc_pool_options;

/** Is given one record, of that type: a const struct record_NAME. The record and its texts are there until it returns.
 * A lock of this file's is held meanwhile, and none of a pool: it copies what it wants, and calls nothing of this file.
 */
typedef void observe_sink(void *user, enum record_type type, const void *record);

/** What is to be noted in all shown pools, those that are still to be made included: RECORD_WANTS_LIFE, how tasks and
 * workers end; RECORD_WANTS_DETAIL, that tasks were queued and begun, and previews. 0: nobody looks, and what was noted
 * and not fetched is dropped. Other bits mean nothing here. Without memory for it a pool notes nothing, and says so by
 * records of what was lost. */
void mproc__observe_want(uint32_t wants);

enum {
    OBSERVE_ALL = 1,       /**< for a snapshot: functions and deaths that were told of before as well */
    OBSERVE_FUNCTIONS = 2, /**< the times of each function, of pools that keep them: a walk through histograms */
    OBSERVE_PROCESSES = 4  /**< CPU time and memory of workers: some 50 us each, so of at most 64 in a pool at a time */
};

/** Looks at each shown pool in turn and gives the sink, of each: pool, counts and worker (each place); function (new
 * ones, before the first record that names them); map (those under way); task_queued, with what they are called with
 * (of those that have waited for a while at the front of the queue, once); function_stats and function_bins, if they
 * are asked for. Then what has happened since the last call, in the order in which the pool heard of it: task_queued,
 * task_begun, task_ended, map (that has ended); then death (of one worker once more when it was replaced) and lost; and
 * output, at any time. Of pools that were freed since then the last events come as well, and at the end pool, with the
 * phase RECORD_PHASE_GONE.
 *
 * A task_ended stands for an attempt: the one that is the task's last has another end than RECORD_END_RETRIED. Of a map
 * it stands for some of its items, from item on.
 *
 * what: OBSERVE_... . Blocks: as the pools' own locks do; some milliseconds more for the stack of a worker that has
 * died, without a lock. */
void mproc__observe(unsigned what, observe_sink *sink, void *user);

/** Does what the record says to the pool that it names. ret_task: the number of the task that it has submitted, 0 of
 * none. Returns 0; MPROC_WAS_RUNNING or MPROC_WAS_FINISHED as mproc_result_cancel_running does; or, with a text in
 * mproc_last_error(): MPROC_E_NOT_FOUND if there is no such pool, worker or task, or none such that failed and is kept;
 * MPROC_E_STATE if the pool was not made with .monitor_control, or a task to be retried has not ended; MPROC_E_INVALID
 * for a verb that there is not; MPROC_E_NOT_SUPPORTED where the pool's workers cannot be killed; MPROC_E_FULL and
 * MPROC_E_NO_FUNCTION for a task that cannot be submitted now, or ever; or what pause, resume and resize return, and
 * submitting does.
 *
 * Or JOB_SEARCHES: a task is looked for, a part of all that wait or run at a time, and was not found in those that one
 * call may look at. It is called again then, with the same search, which begins as zeroes; so whoever has others to
 * serve does that in between. Blocks: as these do, but not for room in the queue; and for some milliseconds while it
 * looks for a task, in which the pool is let go again and again. */
int mproc__observe_control(const struct record_control *control, struct job_search *search, uint64_t *ret_task);

typedef void observe_hook(void);

/** Called after a pool with .monitor = 1 has been made, in the thread that made it, without any lock; NULL: nobody
 * wants to know. Set before the first pool is made. */
extern observe_hook *mproc__observe_pool_hook;

/** What the options of a pool say about being shown: 0, or the error. */
int mproc__observe_check(const struct mproc_pool_options *options);

/** In a forked child, before it has other threads. */
void mproc__observe_adopt(void);

#endif
