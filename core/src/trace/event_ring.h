/* What a worker notes of its tasks while somebody watches, and how that is read.
 *
 * A ring has one writer, which never waits: what finds no room is counted and gone. It has one reader, which believes
 * nothing that it reads: a task may have scribbled over it. Then no more is read of it. What was written before a kill
 * can be read after it.
 */
#ifndef MPROC_TRACE_EVENT_RING_H
#define MPROC_TRACE_EVENT_RING_H

#include "trace/event_ring_layout.h"
#include <stdbool.h>
#include <stddef.h>

/** An event in the hands of who reads it. */
struct event {
    enum event_kind kind;
    uint64_t task;
    int64_t item;
    int64_t ticks;
    uint32_t preview_size, label_size;
    char preview[EVENT_PREVIEW_BYTES];
    char label[LABEL_BYTES]; /**< of one that has ended; no zero, as the preview */
};

/** What found no room: how much since the ring was made, and the time of the last of it, by platform_ticks. */
struct event_loss {
    uint64_t count;
    int64_t from, to;
};

/* ---- Writing ---- */

struct event_writer {
    struct event_ring *ring;
    uint32_t head;
    uint64_t lost;
    bool losing; /**< there was no room for the last begin */
};

/** Whether there is room for one of any size. Asked before a preview is made, and twice a task where there is none. */
static inline bool event_has_room(const struct event_writer *writer)
{
    /* Acquire: pairs with the reader's release after it has copied what may now be written over. */
    uint32_t tail = atomic_load_explicit(&writer->ring->reader.tail, memory_order_acquire);
    return writer->head - tail <= EVENT_RING_BYTES - EVENT_ENTRY_MAX;
}

/** Counts a begin for which there is none. An end is not counted: it says nothing but its preview. */
void mproc__event_lose(struct event_writer *writer, int64_t ticks);
/** Writes the event, for which there is room. */
void mproc__event_write(struct event_writer *writer, const struct event *event);

/* ---- Reading ---- */

struct event_reader {
    struct event_ring *ring;
    uint32_t tail;
    bool nonsense; /**< it was scribbled over, and is read no more */
};

/** Drops what was written before: somebody begins to watch. */
void mproc__event_skip(struct event_reader *reader);
/** Takes the next event, if there is one. */
bool mproc__event_take(struct event_reader *reader, struct event *ret_event);
void mproc__event_loss(const struct event_reader *reader, struct event_loss *ret_loss);

#endif
