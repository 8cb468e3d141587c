/* Messages that pass through a pipe. See pipe_layout.h for the protocol, pipe_frame.h for the steps in brackets. */
#include "channel/connection.h"
#include "base/base.h"
#include "base/byte_ring.h"
#include "base/copy.h"
#include "base/deadline.h"
#include "base/error.h"
#include "channel/message.h"
#include "channel/pipe.h"
#include "channel/pipe_call.h"
#include "channel/pipe_frame.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_transfer.h"
#include "channel/pipe_users.h"
#include "channel/pipe_wait.h"
#include "family/activity.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/span.h"
#include <stdlib.h>

struct incoming {
    void *data;
    size_t capacity;
    size_t size;   /**< of the message, once known */
    bool exact;    /**< it must have the size of the room for it */
    bool allocate; /**< data is to be made, of the message's size */
};

/* ---- Sending ---- */

static int put_frame(const struct pipe_call *call, void *operation)
{
    unsigned char *ring;
    int code = mproc__pipe_room_to_send(call, &ring);
    if (code == 0)
        frame_commit(call, ring, operation);
    return code;
}

/* Through memory of its own. It is filled before the word is taken, while the receiver may still be busy with what came
 * before. */
static int send_large(struct pipe_call *call, const void *data, size_t size, int64_t deadline_ns)
{
    struct large_frame large = { 0, mproc__span_owner_self(), size };
    void *memory;
    int code = large.owner ? mproc__span_create_dirty(size, large.owner, &large.span) : MPROC_E_LIMIT;
    if (code < 0)
        return code;
    struct frame_outgoing out = { FRAME_LARGE, &large, sizeof large };
    code = mproc__span_address(large.span, &memory);
    if (code == 0) {
        mproc__copy(memory, data, size);
        call->wanted = call->pipe->ring_size;
        code = mproc__pipe_transfer(call, SENDERS, put_frame, &out, mproc__pipe_look_for_room, deadline_ns);
    }
    if (code < 0)
        mproc__span_free(large.span, large.owner);
    else
        /* Does nothing if a receiver was quicker. If the pipe was destroyed meanwhile the span is an orphan.
         * [give] */
        mproc__span_give(large.span, large.owner, mproc__span_owner_object(call->id));
    return code;
}

int mproc_connection_send(mproc_connection connection, const void *data, size_t size, int64_t timeout_ms)
{
    family_called_from(RETURN_ADDRESS());
    struct pipe_call call;
    if (data == NULL && size > 0)
        return mproc__error(MPROC_E_INVALID, "no data, and a size of %zu", size);
    int code = pipe_begin_send(connection, false, &call);
    if (code < 0)
        return code;
    int64_t deadline_ns = mproc__deadline(timeout_ms);
    if (size > call.pipe->ring_size - sizeof(struct frame_head))
        return send_large(&call, data, size, deadline_ns);
    struct frame_outgoing out = { FRAME_MESSAGE, data, size };
    call.wanted = frame_bytes(size);
    return mproc__pipe_transfer(&call, SENDERS, put_frame, &out, mproc__pipe_look_for_room, deadline_ns);
}

/* ---- Receiving ---- */

/* Makes the span of a large message ours. False: it went with a receiver who was killed with the span in his hands, or
 * with a sender who was killed before he could give it to the pipe. [take] */
static bool take_span(const struct pipe_call *call, const struct large_frame *large)
{
    uint64_t self = mproc__span_owner_self(), pipe = mproc__span_owner_object(call->id);
    /* Twice, because the sender may give it to the pipe between the two attempts. */
    for (int tries = 0; tries < 2; tries++)
        if (mproc__span_give(large->span, pipe, self) || mproc__span_give(large->span, large->owner, self))
            return mproc__span_size(large->span) >= large->size;
    return false;
}

static int copy_large(const struct pipe_call *call, const struct frame_arrived *frame, void *data)
{
    const struct large_frame *large = &frame->large;
    if (!take_span(call, large)) {
        frame_pass(call, frame);
        return PIPE_NOT_YET;
    }
    void *memory;
    int code = mproc__span_address(large->span, &memory);
    if (code < 0) {
        mproc__span_give(large->span, mproc__span_owner_self(), mproc__span_owner_object(call->id));
        return code;
    }
    mproc__copy(data, memory, (size_t)large->size);
    frame_pass(call, frame);
    mproc__span_free(large->span, mproc__span_owner_self());
    return 0;
}

static int copy_message(const struct pipe_call *call, const struct frame_arrived *frame, void *data)
{
    if (frame->head.kind == FRAME_LARGE)
        return copy_large(call, frame, data);
    byte_ring_read(frame->ring, call->pipe->ring_size, frame->position + sizeof frame->head, data, frame->head.size);
    frame_pass(call, frame);
    return 0;
}

/* Where the message goes. */
static int make_room(const struct pipe_call *call, struct incoming *in)
{
    if (!in->allocate && in->exact && in->size != in->capacity)
        return mproc__error(MPROC_E_SIZE, "%zu bytes for a message of %zu", in->capacity, in->size);
    if (!in->allocate)
        return in->size <= in->capacity ? 0 : mproc__pipe_error(call, MPROC_E_TOO_SHORT, ", for its next message");
    free(in->data);
    in->data = malloc(in->size ? in->size : 1);
    return in->data ? 0 : mproc__error(MPROC_E_NO_MEMORY, "for a message of %zu bytes", in->size);
}

static int get_message(const struct pipe_call *call, void *operation)
{
    struct incoming *in = operation;
    struct frame_arrived frame;
    int code = mproc__frame_next(call, &frame);
    if (code != 0)
        return code;
    if (frame.head.kind == FRAME_HANDLE)
        return mproc__pipe_error(call, MPROC_E_TYPE, ", where a handle comes next");
    in->size = frame.head.kind == FRAME_LARGE ? (size_t)frame.large.size : frame.head.size;
    code = make_room(call, in);
    return code < 0 ? code : copy_message(call, &frame, in->data);
}

int mproc_connection_recv(mproc_connection connection, int64_t timeout_ms, void *ret_message, size_t capacity,
                          size_t *ret_size)
{
    family_called_from(RETURN_ADDRESS());
    struct pipe_call call;
    struct incoming in = { .data = ret_message, .capacity = capacity, .exact = ret_size == NULL };
    if (ret_message == NULL && capacity > 0)
        return mproc__error(MPROC_E_INVALID, "no buffer, and a capacity of %zu", capacity);
    int code = pipe_begin_receive(connection, false, &call);
    if (code == 0)
        code = mproc__pipe_transfer(&call, RECEIVERS, get_message, &in, mproc__pipe_look_for_content,
                                    mproc__deadline(timeout_ms));
    if (ret_size != NULL && (code == 0 || code == MPROC_E_TOO_SHORT))
        *ret_size = in.size;
    return code;
}

int mproc_connection_take(mproc_connection connection, int64_t timeout_ms, mproc_message *ret_message)
{
    family_called_from(RETURN_ADDRESS());
    if (ret_message == NULL)
        return mproc__error_null("ret_message");
    struct pipe_call call;
    struct incoming in = { .allocate = true };
    int code = pipe_begin_receive(connection, false, &call);
    if (code < 0)
        return code;
    uint64_t ticket = mproc__message_ticket();
    code = ticket == 0 ? mproc__error(MPROC_E_NO_MEMORY, "taking a message")
                       : mproc__pipe_transfer(&call, RECEIVERS, get_message, &in, mproc__pipe_look_for_content,
                                              mproc__deadline(timeout_ms));
    if (code < 0) {
        free(in.data);
        mproc__message_forget(ticket);
        return code;
    }
    *ret_message = mproc__message_hold(ticket, &(struct held_message){ .data = in.data, .size = in.size });
    return 0;
}

/* ---- Looking without taking ---- */

/* What a look has found, for who asks only whether a receive would wait. */
static int is_ready(int code)
{
    return code == MPROC_E_END || code == MPROC_E_PEER_DIED ? 1 : code;
}

static int begin_look(const uint64_t id[2], struct pipe_call *ret_call)
{
    int code = mproc__pipe_find((mproc_connection){ { id[0], id[1] } }, ret_call);
    if (code == 0)
        code = pipe_begin_receive((mproc_connection){ { id[0], id[1] } }, ret_call->pipe->is_stream, ret_call);
    if (code == 0)
        mproc__pipe_use(ret_call);
    return code;
}

int mproc_connection_poll(mproc_connection connection, int64_t timeout_ms)
{
    family_called_from(RETURN_ADDRESS());
    struct pipe_call call;
    int code = begin_look(connection.id, &call);
    if (code == 0)
        code = mproc__pipe_await(&call, pipe_other(call.end), RECEIVERS, mproc__pipe_look_for_content,
                                 mproc__deadline(timeout_ms));
    code = is_ready(code);
    return code < 0 ? code : 0;
}

int mproc__connection_look(const uint64_t id[2])
{
    struct pipe_call call;
    int code = begin_look(id, &call);
    if (code < 0)
        return code;
    mproc__activity_watch(&call.pipe->ends[call.end].watched);
    return is_ready(mproc__pipe_look_for_content(&call));
}
