/* What every transfer through a pipe has in common.
 *
 * Every transfer has the same shape: take the word of one's side, do it if it can be done, give the word back, tell the
 * other side; if it cannot be done yet, wait until a look without the word says that it may, and try again. Nobody
 * waits for the other side with the word in his hands.
 */
#ifndef MPROC_CHANNEL_PIPE_TRANSFER_H
#define MPROC_CHANNEL_PIPE_TRANSFER_H

#include "channel/pipe.h"
#include "channel/pipe_call.h"
#include "channel/pipe_wait.h"

/** What is done under the word. */
typedef int pipe_act(const struct pipe_call *call, void *operation);

/** Finds the end for somebody who wants to send, bytes or messages. Errors: as mproc__pipe_find; MPROC_E_STATE if that
 * is not what the end does. */
static inline int pipe_begin_send(mproc_connection connection, bool as_bytes, struct pipe_call *ret_call)
{
    int code = mproc__pipe_find(connection, ret_call);
    if (code < 0)
        return code;
    if (!pipe_sends(ret_call->pipe, ret_call->end))
        return mproc__pipe_error(ret_call, MPROC_E_STATE, ", whose first end only receives");
    if (ret_call->pipe->is_stream != as_bytes)
        return mproc__pipe_error(ret_call, MPROC_E_STATE, as_bytes ? ", which carries messages" : ", a pipe of bytes");
    return 0;
}

/** The same for somebody who wants to receive. */
static inline int pipe_begin_receive(mproc_connection connection, bool as_bytes, struct pipe_call *ret_call)
{
    int code = mproc__pipe_find(connection, ret_call);
    if (code < 0)
        return code;
    if (!pipe_sends(ret_call->pipe, pipe_other(ret_call->end)))
        return mproc__pipe_error(ret_call, MPROC_E_STATE, ", whose second end only sends");
    if (ret_call->pipe->is_stream != as_bytes)
        return mproc__pipe_error(ret_call, MPROC_E_STATE, as_bytes ? ", which carries messages" : ", a pipe of bytes");
    return 0;
}

/** Does it, waiting until it can be done. side: the caller's. look: whether it may be possible now. Errors: of act and
 * look; MPROC_E_TIMEOUT. */
int mproc__pipe_transfer(const struct pipe_call *call, unsigned side, pipe_act *act, void *operation, pipe_look *look,
                         int64_t deadline_ns);

/** Looks: whether the room that the call wants is there, and whether there is anything to receive; or why neither will
 * come. */
int mproc__pipe_look_for_room(const struct pipe_call *call);
int mproc__pipe_look_for_content(const struct pipe_call *call);

/** For an act of a sender: whether the room that the call wants is there, and in what ring: 0, PIPE_NOT_YET, or an
 * error. */
int mproc__pipe_room_to_send(const struct pipe_call *call, unsigned char **ret_ring);

#endif
