/* The end of a pipe of which both ends are closed.
 */
#ifndef MPROC_CHANNEL_PIPE_RECLAIM_H
#define MPROC_CHANNEL_PIPE_RECLAIM_H

#include "channel/pipe_call.h"

/** Destroys the pipe, unless somebody is in the middle of a copy that does not end before the deadline. */
void mproc__pipe_reclaim(const struct pipe_call *call, int64_t deadline_ns);

/** For whoever has given back a word after a copy: if both ends were closed meanwhile, and whoever closed the second
 * did not wait so long, the pipe is his to destroy. */
void mproc__pipe_after_copy(const struct pipe_call *call);

#endif
