/* A pipe as it lies in the family segment, and what its calls have in common.
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
 * Bells. Each side has an event count (eventcount.h), on which sleeps who finds no message, or no room. Who sends rings
 * the receivers' bell afterwards, who receives the senders'.
 *
 * The end of a pipe. closed has one bit for each end. When both are set whoever sees it takes the four owned words and
 * destroys the object: so a call that owns one may use the streams without fear of that.
 */
#ifndef MPROC_CHANNEL_PIPE_H
#define MPROC_CHANNEL_PIPE_H

#include "family/family_layout.h"
#include "memory/block.h"
#include <mproc/connection.h>

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
_Static_assert(sizeof(struct pipe_owned) == 64, "an owned word has a cache line");
_Static_assert(offsetof(struct pipe, streams) == PIPE_WORDS * sizeof(platform_word), "words come first");
_Static_assert(sizeof(struct pipe) <= FAMILY_OBJECT_MAX, "a pipe fits into a block");

#define PIPE_BOTH_CLOSED 3u

/** How long a call that must not block waits for another one that is copying. Longer than a copy, as a rule, shorter
 * than anything that a program would call blocking. */
#define COPY_NS (20 * (int64_t)1000000)

/** A call on one end of a pipe. */
struct pipe_call {
    struct family_block *block;
    struct pipe *pipe;
    uint64_t id[2]; /**< the pipe's */
    unsigned end;
    uint64_t wanted; /**< bytes of room that a sender waits for */
};

static inline unsigned pipe_other(unsigned end)
{
    return 1 - end;
}

/** Whether the end can send, and so its stream is in use. End 0 of a one-way pipe cannot. */
static inline bool pipe_sends(const struct pipe *pipe, unsigned end)
{
    return !pipe->one_way || end == 1;
}

/** The pipe and the end that a connection means. Errors: MPROC_E_CLOSED if that end is closed, or the pipe gone;
 * MPROC_E_FOREIGN; MPROC_E_WRONG_PROCESS in a copy. */
int mproc__pipe_find(mproc_connection connection, struct pipe_call *ret_call);

/** The error of a call on a pipe that exists; as mproc__object_error. */
int mproc__pipe_error(const struct pipe_call *call, int code, const char *what);

/** The error of a call whose end, or whose pipe, was closed meanwhile. */
int mproc__pipe_closed(const struct pipe_call *call);

/** Whether the pipe of the call still exists: what was read of it before this returned true was its own. */
static inline bool pipe_exists(const struct pipe_call *call)
{
    /* The acquire of the look at the block's state comes after the reads, which must not sink below it. */
    atomic_thread_fence(memory_order_acquire);
    return family_is_linked(call->block, call->id[1]);
}

/* ---- Users ---- */

/** Notes that this process uses the end of the call. Returns false if there is no room for it. A few ns if it is noted
 * already. */
bool mproc__pipe_use(const struct pipe_call *call);

/** Whether somebody who used this end has died, and nobody who lives uses it. Asks the kernel, at most every 10 ms for
 * a process. */
bool mproc__pipe_end_died(const struct pipe_call *call, unsigned end);

/* ---- Owned words, bells ---- */

/** Takes the senders' or receivers' word of a stream, waiting until the deadline and for 20 ms at least: it is held by
 * others only while they copy. Errors: MPROC_E_TIMEOUT; MPROC_E_CLOSED if the pipe is gone; MPROC_E_LIMIT. */
int mproc__pipe_lock(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns);
void mproc__pipe_unlock(const struct pipe_call *call, unsigned stream, unsigned side);

/** For whoever has given back a word after a copy: if both ends were closed meanwhile, and whoever closed the second
 * did not wait so long, the pipe is his to destroy. */
void mproc__pipe_after_copy(const struct pipe_call *call);

/** Tells all who wait on the bell to look again. Between the caller's change and this lies a seq_cst fence of his. */
void mproc__pipe_ring(platform_word *bell);

/** What a look at a stream has found: something to do (an error to report included), or nothing yet. */
typedef int pipe_look(const struct pipe_call *call);

/** Waits until look returns other than 0, and returns that; MPROC_E_TIMEOUT. */
int mproc__pipe_await(const struct pipe_call *call, unsigned stream, unsigned side, pipe_look *look,
                      int64_t deadline_ns);

/** Where the ring of a stream lies in this process. Errors: MPROC_E_OS. */
int mproc__pipe_ring_address(const struct pipe *pipe, unsigned stream, unsigned char **ret_ring);

#endif
