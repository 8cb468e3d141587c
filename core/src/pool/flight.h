/* Jobs in flight: the pool's account of what each worker has. The one way of a job to a worker, and back from one that
 * has not started it. The pool's lock is held in all calls.
 */
#ifndef MPROC_POOL_FLIGHT_H
#define MPROC_POOL_FLIGHT_H

#include "pool/job.h"

struct worker;

/** Sends a job for which the worker has room. Kick afterwards. */
void mproc__flight_send(struct worker *worker, struct job *job);
/** The same for a job with handles, to a worker that has nothing: it gets nothing else until the job has landed. 0, or
 * why the handles cannot go there, and it was not sent. */
int mproc__flight_send_alone(struct worker *worker, struct job *job);
/** The worker no longer has the job: it is through with it, has not begun it, or is dead. */
void mproc__flight_land(struct worker *worker, struct job *job);
/** The job is given up, though the worker may still be at it; what it was given with the job stays with it until its
 * end. */
void mproc__flight_give_up(struct worker *worker, struct job *job);
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
