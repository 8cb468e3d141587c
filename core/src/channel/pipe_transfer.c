/* What every transfer through a pipe has in common. See pipe_layout.h for the protocol, whose names are used here. */
#include "channel/pipe_transfer.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_reclaim.h"
#include "channel/pipe_stream.h"
#include "channel/pipe_users.h"
#include "channel/pipe_wait.h"
#include "family/activity.h"
#include "family/death.h"

/* ---- The shape of a transfer ---- */

/* Tells the other side of the stream. The fence pairs with those of eventcount_prepare and mproc__activity_watch:
 * either they see our store of head or tail, or we see that they want to be told. */
static void tell_other_side(const struct pipe_call *call, unsigned stream, unsigned side)
{
    atomic_thread_fence(memory_order_seq_cst);
    mproc__pipe_notify(&call->pipe->bells[stream][1 - side]);
    if (side == SENDERS)
        mproc__activity_note(&call->pipe->ends[pipe_other(stream)].watched);
}

int mproc__pipe_transfer(const struct pipe_call *call, unsigned side, pipe_act *act, void *operation, pipe_look *look,
                         int64_t deadline_ns)
{
    unsigned stream = side == SENDERS ? call->end : pipe_other(call->end);
    for (;;) {
        int code = mproc__pipe_lock(call, stream, side, deadline_ns);
        if (code < 0)
            return code;
        mproc__pipe_use(call);
        code = act(call, operation);
        mproc__pipe_unlock(call, stream, side);
        /* Also if it could not be done: what a dead sender has taken along may have been passed over, and so may a
         * handle that was lost. */
        if (code >= 0 || code == MPROC_E_NOT_FOUND)
            tell_other_side(call, stream, side);
        mproc__pipe_after_copy(call);
        if (code <= 0)
            return code;
        code = mproc__pipe_await(call, stream, side, look, deadline_ns);
        if (code < 0)
            return code;
    }
}

/* ---- Looks ---- */

static bool is_closed(const struct pipe_call *call, unsigned end)
{
    /* Acquire: pairs with the fetch_or in mproc_connection_close. What was sent before is seen by who sees the bit. */
    return atomic_load_explicit(&call->pipe->closed, memory_order_acquire) >> end & 1;
}

/* Why a sender need not wait for room, or 0. */
static int send_refusal(const struct pipe_call *call, bool other_died)
{
    if (is_closed(call, call->end))
        return mproc__pipe_closed(call);
    if (is_closed(call, pipe_other(call->end)))
        return mproc__pipe_error(call, MPROC_E_BROKEN_PIPE, ", whose other end is closed");
    return other_died ? mproc__pipe_error(call, MPROC_E_PEER_DIED, ", which nobody reads who lives") : 0;
}

int mproc__pipe_look_for_room(const struct pipe_call *call)
{
    const struct pipe_stream *stream = &call->pipe->streams[call->end];
    int code = send_refusal(call, mproc__pipe_end_died(call, pipe_other(call->end)));
    bool room = call->pipe->ring_size - stream_unread(stream) >= call->wanted;
    if (!pipe_exists(call))
        return mproc__pipe_closed(call);
    return code < 0 ? code : room;
}

/* The other end's state is read before the stream for the second time: what was sent before it was closed, or its user
 * died, is there. */
int mproc__pipe_look_for_content(const struct pipe_call *call)
{
    unsigned other = pipe_other(call->end);
    const struct pipe_stream *stream = &call->pipe->streams[other];
    if (is_closed(call, call->end))
        return mproc__pipe_closed(call);
    bool there = stream_unread(stream) > 0, closed = false, died = false;
    if (!there) {
        closed = is_closed(call, other);
        died = !closed && mproc__pipe_end_died(call, other);
        there = (closed || died) && stream_unread(stream) > 0;
    }
    if (!pipe_exists(call))
        return mproc__pipe_closed(call);
    if (there)
        return 1;
    if (closed)
        return mproc__pipe_error(call, MPROC_E_END, ", of which everything was received");
    return died ? mproc__pipe_error(call, MPROC_E_PEER_DIED, ", of which everything was received") : 0;
}

/* ---- Room ---- */

/* A sender that finds room does not ask whether anybody lives at the other end, unless somebody in the family has died
 * since it last did. */
static int may_send(const struct pipe_call *call)
{
    struct pipe_stream *stream = &call->pipe->streams[call->end];
    uint32_t deaths = atomic_load_explicit(&mproc__family_death_word()->value, memory_order_acquire);
    /* Relaxed: senders' own, under their word. */
    if (deaths == atomic_load_explicit(&stream->deaths_seen, memory_order_relaxed))
        return send_refusal(call, false);
    int code = send_refusal(call, mproc__pipe_end_died(call, pipe_other(call->end)));
    if (code == 0)
        atomic_store_explicit(&stream->deaths_seen, deaths, memory_order_relaxed);
    return code;
}

int mproc__pipe_room_to_send(const struct pipe_call *call, unsigned char **ret_ring)
{
    int code = may_send(call);
    if (code == 0)
        code = mproc__pipe_ring_address(call->pipe, call->end, ret_ring);
    if (code < 0)
        return code;
    return stream_room(call->pipe, &call->pipe->streams[call->end], call->wanted) < call->wanted ? PIPE_NOT_YET : 0;
}
