/* Jobs in flight: the pool's account of what each worker has. The one way of a job to a worker, and back from one that
 * has not started it. The pool's lock is held in all calls.
 */
#ifndef MPROC_POOL_FLIGHT_H
#define MPROC_POOL_FLIGHT_H

#include "pool/job.h"

struct worker;

/** Sends a job for which the worker has room. Kick afterwards. */
void mproc__flight_send(struct worker *worker, struct job *job);
/** Wakes the worker, which was sent something. */
void mproc__flight_kick(struct worker *worker);
/** The worker no longer has the job, for whatever reason. */
void mproc__flight_land(struct worker *worker, struct job *job);
/** What a job that is about to end leaves with a worker that may be running it: its argument, if that is read in place.
 */
void mproc__flight_leave_argument(struct worker *worker, struct job *job);
/** Takes back a job that has not started; false if it has. */
bool mproc__flight_recall(struct worker *worker, struct job *job);
/** A job that no worker has goes to the head of the queue. */
void mproc__flight_requeue(struct job *job);
/** Takes back the last so many jobs of the worker, or those behind the last that has started, to the head of the queue.
 */
void mproc__flight_take_back(struct worker *worker, uint32_t count);

#endif
