/* The ring in which a worker notes what it does, for whoever watches it: see event_ring.h. It lies in memory that the
 * worker shares with its pool.
 *
 * One writer and one reader. Positions count bytes and wrap at 2^32; a byte at a position lies at position mod
 * EVENT_RING_BYTES. An event is an entry of 16 bytes times its whole number, all of which is written before the head
 * moves over it: whoever is killed on the way has written nothing. Each of the two lines has one side alone as its
 * writer. That of the reader changes when somebody begins to watch, and while he does a few times in a frame of his
 * display: between tasks the writer finds it in its own cache.
 */
#ifndef MPROC_TRACE_EVENT_RING_LAYOUT_H
#define MPROC_TRACE_EVENT_RING_LAYOUT_H

#include "trace/label_layout.h"
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#define EVENT_RING_BYTES    16384u
#define EVENT_PREVIEW_BYTES 256u

enum event_kind {
    EVENT_BEGUN = 1, /**< a call or chunk; the preview is that of its argument, or of the first item */
    EVENT_ENDED = 2  /**< its function has returned; the preview is that of its value, if it is a call and has one */
};

/** What stands first in an entry; behind it, the preview and the label. */
struct event_entry {
    uint32_t size; /**< of the whole entry: a multiple of 16 */
    uint8_t kind;  /**< enum event_kind */
    uint8_t label_size;
    uint16_t preview_size;
    uint64_t task;
    int64_t item; /**< of a chunk the first; -1 of a call */
    int64_t ticks;
};

_Static_assert(sizeof(struct event_entry) == 32, "two units of 16 bytes");

#define EVENT_UNIT 16u
#define EVENT_ENTRY_MAX                                                                                                \
    (sizeof(struct event_entry) + EVENT_PREVIEW_BYTES + ((LABEL_BYTES + EVENT_UNIT - 1) & ~(EVENT_UNIT - 1)))

/** The reader writes, the writer of events reads. */
struct event_reader_line {
    alignas(64) _Atomic uint32_t tail; /**< what is before it was read */
};

/** The writer of events writes. */
struct event_writer_line {
    alignas(64) _Atomic uint32_t head; /**< what is before it is written */
    _Atomic uint64_t lost;             /**< how many begins found no room, ever */
    _Atomic int64_t lost_from;         /**< when the first of the last ones did, by platform_ticks */
    _Atomic int64_t lost_to;           /**< and the last */
};

struct event_ring {
    struct event_reader_line reader;
    struct event_writer_line writer;
    alignas(64) unsigned char bytes[EVENT_RING_BYTES];
};

_Static_assert(sizeof(struct event_reader_line) == 64, "a line of one's own is a cache line");
_Static_assert(sizeof(struct event_writer_line) == 64, "a line of one's own is a cache line");
_Static_assert(sizeof(struct event_ring) == 128 + EVENT_RING_BYTES, "two lines and the bytes");

#endif
