/* A call on one end of a pipe: its errors, the words that it takes, the ring that it copies into or from.
 */
#ifndef MPROC_CHANNEL_PIPE_CALL_H
#define MPROC_CHANNEL_PIPE_CALL_H

#include "channel/pipe_layout.h"
#include "family/family_layout.h"
#include "memory/block.h"

/** How long a call that must not block waits for another one that is copying. Longer than a copy, as a rule, shorter
 * than anything that a program would call blocking. */
#define PIPE_COPY_NS (20 * (int64_t)1000000)

/** What an act under the word may end with besides 0 and errors: it cannot be done yet. */
#define PIPE_NOT_YET 1

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

/** The error of a call on a pipe that exists; as mproc__object_error. */
int mproc__pipe_error(const struct pipe_call *call, int code, const char *what);

/** The error of a call whose end, or whose pipe, was closed meanwhile. */
int mproc__pipe_closed(const struct pipe_call *call);

/** Whether the pipe of the call still exists: what was read of it before this returned true was its own. */
static inline bool pipe_exists(const struct pipe_call *call)
{
    /* The acquire of the look at the block's state comes after the reads, which must not sink below it. */
    atomic_thread_fence(memory_order_acquire);
    return block_is_published(call->block, call->id[1]);
}

/** Takes the senders' or receivers' word of a stream, waiting until the deadline and for 20 ms at least: it is held by
 * others only while they copy. Errors: MPROC_E_TIMEOUT; MPROC_E_CLOSED if the pipe is gone; MPROC_E_LIMIT. */
int mproc__pipe_lock(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns);

/** The same, and waits no longer than until the deadline. */
int mproc__pipe_lock_until(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns);

void mproc__pipe_unlock(const struct pipe_call *call, unsigned stream, unsigned side);

/** Where the ring of a stream lies in this process. Errors: MPROC_E_OS. */
int mproc__pipe_ring_address(const struct pipe *pipe, unsigned stream, unsigned char **ret_ring);

#endif
