/* What happens to tasks and workers, for those parts of a pool that note it: statistics, the trace, obituaries. Whoever
 * makes a moment happen tells of it here, once, and need not know who listens; a part more that does is a line in
 * notes.c at each moment that it is about. The pool's lock is held.
 */
#ifndef MPROC_POOL_NOTES_H
#define MPROC_POOL_NOTES_H

#include "base/base.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/span_code.h"

/** Whether anybody notes what happens to tasks: all that their moments cost where nobody does. */
static inline bool pool_is_noted(const mproc_pool *pool)
{
    return unlikely(pool->listeners != 0);
}

/** Begins what is noted from the first moment on. 0 or MPROC_E_NO_MEMORY. */
int mproc__notes_open(mproc_pool *pool);
/** Nothing is noted any more, and all that was is dropped. */
void mproc__notes_close(mproc_pool *pool);
/** From now on what those who watch want is noted, of RECORD_WANTS_...: of nothing, nothing, and what was noted for
 * them is dropped. Without memory likewise. */
void mproc__notes_want(mproc_pool *pool, uint32_t wants);

/** As the functions without the prefix, below, of a pool in which somebody does. */
void mproc__note_queued(const struct job *job);
void mproc__note_call(const struct worker *worker, const struct completion *completion);
void mproc__note_chunk(const struct worker *worker, const struct completion *completion);
void mproc__note_finished(const struct worker *worker, const struct job *chunk, size_t count);
void mproc__note_died(const struct worker *worker, const struct job *job, size_t index, bool again, const char *text);
void mproc__note_ended(const struct job *job, int code, const char *message, bool passes);
void mproc__note_items(const struct job *map, const struct item_failure *failure, const char *message);

/** It has been submitted. */
static inline void note_queued(const struct job *job)
{
    if (pool_is_noted(job->pool) && job->kind != JOB_KIND_BATCH && note_passes(&job->pool->gates[NOTE_COMING]))
        mproc__note_queued(job);
}

/** The job is being handed to a worker. */
static inline void note_sent(struct job *job)
{
    if (job->pool->accounts != NULL)
        job->queued = span_code(job->pool->ticks - job->submitted);
}

/** Whoever is about to look after the workers, or to deal with what came back, says when. */
static inline void note_time(mproc_pool *pool)
{
    if (pool->accounts != NULL)
        pool->ticks = platform_ticks();
}

/** A call has returned, and its job knows how long it had waited. It has not ended yet. */
static inline void note_call(const struct worker *worker, const struct completion *completion)
{
    if (unlikely(worker->pool->accounts != NULL))
        mproc__note_call(worker, completion);
}

/** A chunk has been run to its end, and which of its items failed is still known. */
static inline void note_chunk(const struct worker *worker, const struct completion *completion)
{
    if (pool_is_noted(worker->pool))
        mproc__note_chunk(worker, completion);
}

/** The first items of a chunk, or none, had ended well when its worker died. */
static inline void note_finished(const struct worker *worker, const struct job *chunk, size_t count)
{
    if (pool_is_noted(worker->pool))
        mproc__note_finished(worker, chunk, count);
}

/** A worker has died, and a call with it, or of a chunk the item with that index; again: it is tried once more, else
 * the call has ended. */
static inline void note_died(const struct worker *worker, const struct job *job, size_t index, bool again,
                             const char *text)
{
    if (pool_is_noted(worker->pool))
        mproc__note_died(worker, job, index, again, text);
}

/** A job has ended, but for a call whose worker has died; its outcome is there but for code and message. */
static inline void note_ended(const struct job *job, int code, const char *message)
{
    if (!pool_is_noted(job->pool))
        return;
    /* Only of calls may there be too many. */
    bool passes = job->kind != JOB_KIND_CALL || note_passes(&job->pool->gates[NOTE_END]);
    if (passes || job->pool->accounts != NULL)
        mproc__note_ended(job, code, message, passes);
}

/** Items of a map have failed, in a worker or, with -1, before they came to one. */
static inline void note_items(const struct job *map, const struct item_failure *failure, const char *message)
{
    if (pool_is_noted(map->pool))
        mproc__note_items(map, failure, message);
}

/** A worker was started in a place, in which another may have been before. */
void mproc__note_started(const struct worker *worker);

#endif
