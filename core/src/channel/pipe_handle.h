/* Handles under way through pipes: what the tag of a parcel says, and when it is over. See handle_store.h.
 */
#ifndef MPROC_CHANNEL_PIPE_HANDLE_H
#define MPROC_CHANNEL_PIPE_HANDLE_H

#include "channel/pipe_call.h"

/** A parcel for the frame that the caller is about to send at this position of his stream. */
platform_parcel mproc__pipe_parcel(const struct pipe_call *call, uint64_t position);

/** Whether nobody will come for it: its frame was passed, or not sent by somebody who is dead, or the pipe is gone. */
bool mproc__pipe_parcel_is_over(const platform_parcel *parcel);

#endif
