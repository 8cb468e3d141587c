/* What happens in a pool, noted as it does while somebody watches: which tasks come, begin and end, in the words of
 * trace/record.h. There is room for some thousand events between two looks of who watches; what is more is counted, and
 * when it was. The pool's lock is held in all calls.
 *
 * A pool has a struct trace while it is watched and not otherwise: whoever comes by with an event asks for that, and it
 * is all that the event costs then.
 */
#ifndef MPROC_POOL_TRACE_H
#define MPROC_POOL_TRACE_H

#include "base/base.h"
#include "pool/journal.h"
#include "pool/link.h"
#include "pool/pool.h"

/** Of what may be lost in it; see RECORD_CLASS_... */
#define TRACE_CLASSES 3

/** What found no room: when, by platform_ticks. */
struct trace_loss {
    uint64_t count;
    int64_t from, to;
};

/** A moment, by both clocks. */
struct trace_clock {
    int64_t ticks, ns;
};

/** What a worker has told of the task that it runs, or of the one that has just ended. */
struct trace_worker {
    struct event next; /**< that was taken from it, and is not dealt with: of a later task */
    bool has_next;
    bool has_begun, has_ended; /**< whether there is anything of either */
    struct event begun, ended;
    struct event_loss seen; /**< of what it lost, what has been told */
};

struct trace {
    uint32_t wants;          /**< RECORD_WANTS_... */
    struct journal *journal; /**< NULL: there was no memory */
    struct trace_clock clock;
    struct trace_loss lost[TRACE_CLASSES];
    struct trace_worker *workers[POOL_MAX_WORKERS]; /**< by index; NULL: nothing was heard, or there was no memory */
};

/** Whether events are to be noted. */
static inline bool trace_is_on(const mproc_pool *pool)
{
    return unlikely(pool->trace != NULL);
}

/** A new journal for the events of a pool; NULL without memory. */
struct journal *mproc__trace_journal(void);
/** From now on what is wanted is noted; of nothing, nothing, and what was noted is dropped. Without memory likewise. */
void mproc__trace_want(mproc_pool *pool, uint32_t wants);
/** The worker has a new link. */
void mproc__trace_link(const struct worker *worker);

/* The next ones are told only of pools whose trace is on. */

/** It has been submitted. */
void mproc__trace_queued(const struct job *job);
/** A call, map or batch has ended, but for a call whose worker has died; its outcome is there but for code and message.
 */
void mproc__trace_ended(const struct job *job, int code, const char *message);
/** A chunk has been run to its end, and which of its items failed is still known. */
void mproc__trace_chunk(const struct worker *worker, const struct completion *completion);
/** The first items of a chunk had ended well when its worker died. */
void mproc__trace_finished(const struct worker *worker, const struct job *chunk, size_t count);
/** A worker has died, and a call with it, or of a chunk the item with that index; again: it is tried once more. */
void mproc__trace_died(const struct worker *worker, const struct job *job, size_t index, bool again, const char *text);
/** Items of a map have ended that were never run. */
void mproc__trace_items(const struct job *map, const struct item_failure *failure, const char *message);

/** Takes what the workers have told since, and counts what they could not. */
void mproc__trace_gather(mproc_pool *pool);
/** The same of one worker that has ended. */
void mproc__trace_gather_last(const struct worker *worker);
/** What the worker has told of the job, if it has begun that; or NULL. */
const struct event *mproc__trace_begun(const struct worker *worker, const struct job *job);

/** When that was, by platform_now_ns. */
static inline int64_t trace_time(const struct trace_clock *clock, int64_t ticks)
{
    return ticks <= 0             ? 0
           : ticks < clock->ticks ? clock->ns - platform_ticks_ns(clock->ticks - ticks)
                                  : clock->ns + platform_ticks_ns(ticks - clock->ticks);
}

static inline struct trace_clock trace_clock_now(void)
{
    return (struct trace_clock){ platform_ticks(), platform_now_ns() };
}

#endif
