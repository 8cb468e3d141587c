/* A pipe as it lies in the family segment.
 *
 * A pipe has two ends and two streams: stream e carries what is sent at end e, and is received at the other end. A
 * stream is a ring of bytes with one head and one tail. Both are counters of 64 bits; the store of head is what sends a
 * message, the store of tail is what receives it. There is no other state that a death could leave half done: a sender
 * or receiver killed before its store has done nothing, killed after it has done all. Senders exclude each other by
 * an owned word, and so do receivers: a successor of the dead finds nothing to repair.
 *
 * A message that does not fit into the ring lies in a span, which its frame names. The span is the sender's until the
 * frame is there, then the pipe's, then the receiver's: each change is one compare-and-swap on the span's owner. Since
 * the frame says whose the span was, a receiver can take it from the sender as well as from the pipe, so that it does
 * not matter whether the sender has come to the second change. A large message is sent into an empty stream only: the
 * memory that waits in a pipe stays bounded, and no two frames of a stream ever name the same span.
 *
 * Bells. Each side has an event count (eventcount.h), on which sleeps who finds no message, or no room. Who sends
 * notifies the receivers' afterwards, who receives the senders'.
 *
 * The end of a pipe. closed has one bit for each end. When both are set whoever sees it takes the four owned words and
 * destroys the object: so a call that owns one may use the streams without fear of that.
 */
#ifndef MPROC_CHANNEL_PIPE_LAYOUT_H
#define MPROC_CHANNEL_PIPE_LAYOUT_H

#include "family/family_layout.h"
#include "memory/block.h"

/* ---- Frames ---- */

/* Positions in a stream never wrap: 64 bits last for ever. A frame begins at a multiple of 8 with a head of 8 bytes, so
 * that the head never crosses the ring's end; its content may. */

struct frame_head {
    uint32_t size; /**< of the content, without what fills it up to a multiple of 8 */
    uint32_t kind;
};

#define FRAME_ALIGN ((uint64_t)8)

/** Bytes that a frame with so much content takes. */
static inline uint64_t frame_bytes(uint64_t content)
{
    return sizeof(struct frame_head) + (content + FRAME_ALIGN - 1) / FRAME_ALIGN * FRAME_ALIGN;
}

/** What a frame holds. */
enum frame_kind {
    FRAME_MESSAGE = 1, /**< the message */
    FRAME_LARGE = 2,   /**< a struct large_frame, which says where the message is */
    FRAME_HANDLE = 3   /**< the parcel of a handle in the family's store: see handle_store.h */
};

struct large_frame {
    uint64_t span;
    uint64_t owner; /**< whose the span was when this was written: the sender's thread */
    uint64_t size;
};

/* ---- The pipe ---- */

/** The word that senders, or receivers, of a stream own while they copy. A cache line: the other side has no business
 * with it. */
struct pipe_owned {
    platform_word word;
    platform_word unused[3];
};

enum { SENDERS = 0, RECEIVERS = 1 };

/** head is written by senders, tail by receivers: a cache line each. Each side keeps there what it last saw of the
 * other side's, which is never too high, and looks again when that is not enough: a look takes the line away from the
 * other. */
struct pipe_stream {
    alignas(64) _Atomic uint64_t head;
    _Atomic uint64_t tail_seen;
    /* Value of the death word when a sender last found somebody alive at the other end. */
    _Atomic uint32_t deaths_seen;
    alignas(64) _Atomic uint64_t tail;
    _Atomic uint64_t head_seen;
};

#define PIPE_USERS 6

/** What is known of an end: who uses it, as generation of the pipe << 32 | incarnation of a process, 0 for none. */
struct pipe_end {
    _Atomic uint64_t users[PIPE_USERS];
    _Atomic uint32_t watched; /**< see activity.h: somebody waits for this end with mproc_wait_any */
    uint32_t unused;
};

/** The FAMILY_PIPE object. Words first, as mproc__object_create_words asks. */
struct pipe {
    struct pipe_owned owned[2][2]; /**< of each stream SENDERS and RECEIVERS */
    platform_word bells[2][2];     /**< the same; read by the other side after each of its copies, seldom written */
    struct pipe_stream streams[2];
    alignas(64) struct pipe_end ends[2];
    alignas(64) uint64_t span;    /**< both rings, one behind the other. This and what follows does not change */
    uint64_t ring_size;           /**< of each, a power of two */
    uint32_t is_stream;           /**< bytes without frames */
    uint32_t one_way;             /**< end 0 only receives, end 1 only sends */
    _Atomic uint32_t closed;      /**< bit e: end e is closed */
    _Atomic uint32_t had_handles; /**< some were sent: the store may have to be rid of what the dead have left there */
};
#define PIPE_WORDS ((4 * sizeof(struct pipe_owned) + 4 * sizeof(platform_word)) / sizeof(platform_word))
_Static_assert(sizeof(struct frame_head) == 8 && sizeof(struct large_frame) == 24, "frames as the layout says");
_Static_assert(sizeof(struct pipe_owned) == 64, "an owned word has a cache line");
_Static_assert(sizeof(struct pipe_stream) == 128, "each side of a stream has a cache line");
_Static_assert(sizeof(struct pipe_end) == 56, "an end fits into a cache line");
_Static_assert(sizeof(struct pipe) == 768, "a pipe as the layout says");
_Static_assert(offsetof(struct pipe, streams) == PIPE_WORDS * sizeof(platform_word), "words come first");
_Static_assert(sizeof(struct pipe) <= FAMILY_OBJECT_MAX, "a pipe fits into a block");

#define PIPE_BOTH_CLOSED 3u

#endif
