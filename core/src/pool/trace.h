/* What happens in a pool, noted as it does while somebody watches: which tasks come, begin and end, in the words of
 * trace/record.h. There is room for some thousand events between two looks of who watches; what is more is counted, and
 * when it was. The pool's lock is held in all calls.
 *
 * A pool has a struct trace while it is watched and not otherwise: whoever comes by with an event asks for that, and it
 * is all that the event costs then. trace_want.h begins and ends it, trace_hear.h takes what workers tell, and
 * trace_tasks.h notes what becomes of tasks.
 */
#ifndef MPROC_POOL_TRACE_H
#define MPROC_POOL_TRACE_H

#include "base/base.h"
#include "pool/job.h"
#include "pool/journal.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "trace/event_ring.h"

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
    struct event_reader events;
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
    int64_t looked_ticks; /**< when the look before this one was, by platform_ticks; 0: this is the first */
    struct trace_loss lost[TRACE_CLASSES];
    struct trace_worker *workers[POOL_MAX_WORKERS]; /**< by index; NULL: nothing was heard, or there was no memory */
};

/** Whether events are to be noted. */
static inline bool trace_is_on(const mproc_pool *pool)
{
    return unlikely(pool->trace != NULL);
}

static inline bool trace_wants_detail(const struct trace *trace)
{
    return (trace->wants & RECORD_WANTS_DETAIL) != 0;
}

/** A new journal for the events of a pool; NULL without memory. */
struct journal *mproc__trace_journal(void);
/** Puts an empty journal, or NULL, in the place of the one that there is, which is returned. The time between two such
 * calls says how much it may take. */
struct journal *mproc__trace_exchange(mproc_pool *pool, struct journal *empty);
/** Room for a record and so many bytes of texts; NULL without, and it is counted as lost. */
void *mproc__trace_add(mproc_pool *pool, enum record_type type, enum record_class class, size_t text_bytes);
/** Whether an event may find no room. */
bool mproc__trace_is_full(const struct trace *trace);
/** So many events of that class were lost, from when to when by platform_ticks. */
void mproc__trace_lose(struct trace *trace, enum record_class class, uint64_t count, int64_t from, int64_t to);
/** One was, now: and so will be what comes before the next look. */
void mproc__trace_begin_losing(mproc_pool *pool, enum record_class class);
/** That look: what comes from now on may find room again. */
void mproc__trace_end_losing(mproc_pool *pool);
/** Lets pass what is wanted now, and nothing else. */
void mproc__trace_set_gates(mproc_pool *pool);

/** Through which those events come of which there may be too many. Shut: since the last look one found no room, and
 * until the next none does. */
static inline struct note_gate *trace_gate(mproc_pool *pool, enum record_class class)
{
    return &pool->gates[class == RECORD_CLASS_DETAIL ? NOTE_COMING : NOTE_END];
}

/** Whether an event of that class finds no room, and has been counted as lost: all that there is to be done of it. Who
 * floods whoever watches is to pay no more than that. */
static inline bool trace_loses(mproc_pool *pool, enum record_class class)
{
    return !note_passes(trace_gate(pool, class));
}

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
