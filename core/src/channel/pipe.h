/* What the calls on a pipe have in common: see pipe_layout.h for what a pipe is.
 */
#ifndef MPROC_CHANNEL_PIPE_H
#define MPROC_CHANNEL_PIPE_H

#include "channel/pipe_layout.h"
#include "word/owned_word.h"
#include <mproc/connection.h>

/** How long a call that must not block waits for another one that is copying. Longer than a copy, as a rule, shorter than
 * anything that a program would call blocking. */
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

/** Whether somebody who used this end has died, and nobody who lives uses it. Asks the kernel, at most every 10 ms for a
 * process. */
bool mproc__pipe_end_died(const struct pipe_call *call, unsigned end);

/* ---- Owned words, bells ---- */

/** Takes the senders' or receivers' word of a stream, waiting until the deadline and for 20 ms at least: it is held by
 * others only while they copy. Errors: MPROC_E_TIMEOUT; MPROC_E_CLOSED if the pipe is gone; MPROC_E_LIMIT. */
int mproc__pipe_lock(const struct pipe_call *call, unsigned stream, unsigned side, int64_t deadline_ns);
void mproc__pipe_unlock(const struct pipe_call *call, unsigned stream, unsigned side);

/** For whoever has given back a word after a copy: if both ends were closed meanwhile, and whoever closed the second did
 * not wait so long, the pipe is his to destroy. */
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
