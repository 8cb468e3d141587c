/* Waiting at a pipe, and telling those who wait.
 */
#ifndef MPROC_CHANNEL_PIPE_WAIT_H
#define MPROC_CHANNEL_PIPE_WAIT_H

#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"

/** Tells all who wait on the bell to look again. Between the caller's change and this lies a seq_cst fence of his. */
void mproc__pipe_notify(platform_word *bell);

/** Has whoever waits at either end look again, whether it said so or not. After a seq_cst change of the caller's. */
void mproc__pipe_notify_all(struct pipe *pipe);

/** What a look at a stream has found: something to do (an error to report included), or nothing yet. */
typedef int pipe_look(const struct pipe_call *call);

/** Waits until look returns other than 0, and returns that; MPROC_E_TIMEOUT, or with a deadline of 0 MPROC_E_EMPTY or
 * MPROC_E_FULL. */
int mproc__pipe_await(const struct pipe_call *call, unsigned stream, unsigned side, pipe_look *look,
                      int64_t deadline_ns);

#endif
