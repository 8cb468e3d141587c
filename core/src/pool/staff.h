/* Starting workers, and ending them. The pool's lock is held unless a comment says otherwise. */
#ifndef MPROC_POOL_STAFF_H
#define MPROC_POOL_STAFF_H

#include "pool/job.h"
#include "pool/verdict.h"

struct worker;

int mproc__staff_check(const mproc_pool_options *options);
/** Makes the places of a pool of which the size is known, all empty, and room to count deaths. */
int mproc__staff_open(mproc_pool *pool);
/** Gives back the places. */
void mproc__staff_close(mproc_pool *pool);

/** Whether a worker is to be started in this place, which is empty: the pool needs workers, and has too few. */
bool mproc__staff_wants(const struct worker *worker);
/** When something is to be done about this worker, whatever else happens: a new one is to be tried, or it is to be
 * killed, and with which verdict. The one place that knows the time limits of a worker's start and end. */
int64_t mproc__staff_next_timer(const struct worker *worker, const struct verdict **ret_verdict);
/** Makes places for so many workers in all; the new ones are empty, those that are there stay where they are. After
 * MPROC_E_NO_MEMORY there may be some of the new. */
int mproc__staff_grow(mproc_pool *pool, int count);
/** Takes away places above options.workers, as far as they are empty. */
void mproc__staff_trim(mproc_pool *pool);
/** Counts again which workers are present: options.workers has changed. */
void mproc__staff_count(mproc_pool *pool);
/** Starts the first workers and waits until each is ready. Nobody else is there yet. */
int mproc__staff_start(mproc_pool *pool);
/** Starts a worker in an empty place; the lock is released meanwhile. */
void mproc__staff_replace(mproc_pool *pool, struct worker *worker);
/** Takes in workers that have become ready; returns whether there were any. */
bool mproc__staff_see_ready(mproc_pool *pool);
/** Ends what dead workers were doing and frees their places; returns whether a death had been reported. */
bool mproc__staff_reap_the_dead(mproc_pool *pool);
/** Tells a worker to exit that has done all its tasks, or for which there are no more. Whoever collects does this: the
 * supervisor sleeps while a user thread leads. */
void mproc__staff_release_if_done(struct worker *worker);
/** Sees to it that the worker is given nothing more, and told to exit after the task that it runs. */
void mproc__staff_retire(struct worker *worker);
/** Tells a worker to exit that has no tasks. */
void mproc__staff_send_off(struct worker *worker);
/** Kills all workers and waits for their ends. No lock: nobody else is there any more. */
void mproc__staff_end(mproc_pool *pool);

#endif
