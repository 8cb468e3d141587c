/* What workers have told of their tasks, taken from their rings in one order with what the pool sees for itself. The
 * pool's lock is held, and its trace is on, but where it says otherwise.
 */
#ifndef MPROC_POOL_TRACE_HEAR_H
#define MPROC_POOL_TRACE_HEAR_H

#include "pool/trace.h"

/** What is heard of the worker, from the first time that this is asked; NULL without memory, or a link. What it told
 * or lost before anybody listened is nothing to tell of. */
struct trace_worker *mproc__trace_heard(struct trace *trace, const struct worker *worker);
/** Nothing is to be heard of the worker, which has a link, and what was is forgotten. trace: or NULL. */
void mproc__trace_forget(struct trace *trace, const struct worker *worker);
/** Takes what the worker has told of the job, and of none after it, whose own time will come. NULL: nothing is heard of
 * it. */
struct trace_worker *mproc__trace_hear(struct trace *trace, const struct worker *worker, const struct job *job);

/** Whether the event is one of the job's. */
static inline bool trace_is_about(const struct event *event, const struct job *job)
{
    if (job == NULL || event->task != job->number)
        return false;
    return event->item == (job->kind == JOB_KIND_CHUNK ? (int64_t)job->extra.item : -1);
}

/** Takes what the workers have told since, and counts what they could not. */
void mproc__trace_gather(mproc_pool *pool);
/** The same of one worker that has ended. */
void mproc__trace_gather_last(const struct worker *worker);
/** What the worker has told of the job, if it has begun that; or NULL. The trace may be off. */
const struct event *mproc__trace_begun(const struct worker *worker, const struct job *job);

#endif
