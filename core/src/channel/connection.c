/* What passes through a pipe: messages and bytes. See pipe.h for the protocol, whose names are used here.
 *
 * Every transfer has the same shape: take the word of one's side, do it if it can be done, give the word back, tell the
 * other side; if it cannot be done yet, wait until a look without the word says that it may, and try again. Nobody
 * waits for the other side with the word in his hands.
 *
 * tests/models/pipe.pml is one stream for an exhaustive checker; its steps are named here as [commit], [give], [take]
 * and [pass].
 */
#include "base/deadline.h"
#include "base/error.h"
#include "channel/frames.h"
#include "channel/handle_store.h"
#include "channel/pipe.h"
#include "family/activity.h"
#include "family/death.h"
#include "memory/memory.h"
#include "memory/span.h"
#include "wait.h"
#include <stdlib.h>

/* What an act under the word may end with besides 0 and errors: it cannot be done yet. */
#define NOT_YET 1

/* What is done under the word. */
typedef int pipe_act(const struct pipe_call *call, void *operation);

struct outgoing {
    enum frame_kind kind;
    const void *content; /**< of the frame */
    size_t size;
};

struct incoming {
    void *data;
    size_t capacity;
    size_t size;   /**< of the message, once known */
    bool allocate; /**< data is to be made, of the message's size */
};

/* Bytes, either way. */
struct portion {
    void *data;
    size_t size; /**< wanted, then moved */
};

/* ---- The shape of a transfer ----
 */

/* Tells the other side of the stream. The fence pairs with those of eventcount_prepare and mproc__activity_watch:
 * either they see our store of head or tail, or we see that they want to be told. */
static void tell_other_side(const struct pipe_call *call, unsigned stream, unsigned side)
{
    atomic_thread_fence(memory_order_seq_cst);
    mproc__pipe_ring(&call->pipe->bells[stream][1 - side]);
    if (side == SENDERS)
        mproc__activity_note(&call->pipe->ends[pipe_other(stream)].watched);
}

static int transfer(const struct pipe_call *call, unsigned side, pipe_act *act, void *operation, pipe_look *look,
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

/* ---- Looks ----
 */

static bool is_closed(const struct pipe_call *call, unsigned end)
{
    /* Acquire: pairs with the fetch_or in mproc_connection_close. What was sent before is seen by who sees the bit. */
    return atomic_load_explicit(&call->pipe->closed, memory_order_acquire) >> end & 1;
}

/* Bytes between tail and head. Acquire on both: head pairs with the store of a sender, tail with that of a receiver,
 * whose side's reads of the bytes come before it. Tail first: head only grows, so the difference is never negative. */
static uint64_t unread(const struct pipe_stream *stream)
{
    uint64_t tail = atomic_load_explicit(&stream->tail, memory_order_acquire);
    return atomic_load_explicit(&stream->head, memory_order_acquire) - tail;
}

/* The room that senders have, by what they know of tail; with a look at it if that is less than wanted. Relaxed: the
 * senders' own, under their word. Acquire: as in unread. */
static uint64_t room_left(const struct pipe *pipe, struct pipe_stream *stream, uint64_t wanted)
{
    uint64_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);
    uint64_t room = pipe->ring_size - (head - atomic_load_explicit(&stream->tail_seen, memory_order_relaxed));
    if (room >= wanted)
        return room;
    uint64_t tail = atomic_load_explicit(&stream->tail, memory_order_acquire);
    atomic_store_explicit(&stream->tail_seen, tail, memory_order_relaxed);
    return pipe->ring_size - (head - tail);
}

/* What receivers know to be there; with a look at head if that is nothing. Orders as in room_left. */
static uint64_t bytes_there(struct pipe_stream *stream)
{
    uint64_t tail = atomic_load_explicit(&stream->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&stream->head_seen, memory_order_relaxed);
    if (head != tail)
        return head - tail;
    head = atomic_load_explicit(&stream->head, memory_order_acquire);
    atomic_store_explicit(&stream->head_seen, head, memory_order_relaxed);
    return head - tail;
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

static int look_for_room(const struct pipe_call *call)
{
    const struct pipe_stream *stream = &call->pipe->streams[call->end];
    int code = send_refusal(call, mproc__pipe_end_died(call, pipe_other(call->end)));
    bool room = call->pipe->ring_size - unread(stream) >= call->wanted;
    if (!pipe_exists(call))
        return mproc__pipe_closed(call);
    return code < 0 ? code : room;
}

/* The other end's state is read before the stream for the second time: what was sent before it was closed, or its user
 * died, is there. */
static int look_for_content(const struct pipe_call *call)
{
    unsigned other = pipe_other(call->end);
    const struct pipe_stream *stream = &call->pipe->streams[other];
    if (is_closed(call, call->end))
        return mproc__pipe_closed(call);
    bool there = unread(stream) > 0, closed = false, died = false;
    if (!there) {
        closed = is_closed(call, other);
        died = !closed && mproc__pipe_end_died(call, other);
        there = (closed || died) && unread(stream) > 0;
    }
    if (!pipe_exists(call))
        return mproc__pipe_closed(call);
    if (there)
        return 1;
    if (closed)
        return mproc__pipe_error(call, MPROC_E_END, ", of which everything was received");
    return died ? mproc__pipe_error(call, MPROC_E_PEER_DIED, ", of which everything was received") : 0;
}

/* ---- Sending ----
 */

static int begin_send(mproc_connection connection, bool as_bytes, struct pipe_call *ret_call)
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

/* Whether there is room, and in what ring: 0, NOT_YET, or an error. */
static int room_to_send(const struct pipe_call *call, unsigned char **ret_ring)
{
    int code = may_send(call);
    if (code == 0)
        code = mproc__pipe_ring_address(call->pipe, call->end, ret_ring);
    if (code < 0)
        return code;
    return room_left(call->pipe, &call->pipe->streams[call->end], call->wanted) < call->wanted ? NOT_YET : 0;
}

/* Into room that was found. */
static void commit_frame(const struct pipe_call *call, unsigned char *ring, const struct outgoing *out)
{
    struct pipe *pipe = call->pipe;
    struct pipe_stream *stream = &pipe->streams[call->end];
    /* Relaxed: senders' own, under their word. */
    uint64_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);
    struct frame_head frame = { (uint32_t)out->size, out->kind };
    ring_copy_in(ring, pipe->ring_size, head, &frame, sizeof frame);
    ring_copy_in(ring, pipe->ring_size, head + sizeof frame, out->content, out->size);
    /* The commit. Release: pairs with the acquire in bytes_there and unread on the receivers' side. [commit] */
    atomic_store_explicit(&stream->head, head + frame_bytes(out->size), memory_order_release);
}

static int put_frame(const struct pipe_call *call, void *operation)
{
    unsigned char *ring;
    int code = room_to_send(call, &ring);
    if (code == 0)
        commit_frame(call, ring, operation);
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
    struct outgoing out = { FRAME_LARGE, &large, sizeof large };
    code = mproc__span_address(large.span, &memory);
    if (code == 0) {
        memcpy(memory, data, size);
        call->wanted = call->pipe->ring_size;
        code = transfer(call, SENDERS, put_frame, &out, look_for_room, deadline_ns);
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
    struct pipe_call call;
    if (data == NULL && size > 0)
        return mproc__error(MPROC_E_INVALID, "no data, and a size of %zu", size);
    int code = begin_send(connection, false, &call);
    if (code < 0)
        return code;
    int64_t deadline_ns = mproc__deadline(timeout_ms);
    if (size > call.pipe->ring_size - sizeof(struct frame_head))
        return send_large(&call, data, size, deadline_ns);
    struct outgoing out = { FRAME_MESSAGE, data, size };
    call.wanted = frame_bytes(size);
    return transfer(&call, SENDERS, put_frame, &out, look_for_room, deadline_ns);
}

/* ---- Receiving ----
 */

static int begin_receive(mproc_connection connection, bool as_bytes, struct pipe_call *ret_call)
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

/* A frame as it lies at the tail. */
struct arrived {
    unsigned char *ring;
    uint64_t position; /**< of the frame */
    struct frame_head head;
    union {
        struct large_frame large;
        platform_parcel parcel;
    };
};

/* What the frame holds besides a message. False: it makes no sense. */
static bool read_content(struct arrived *frame, uint64_t ring_size)
{
    uint64_t content = frame->position + sizeof frame->head;
    switch (frame->head.kind) {
    case FRAME_MESSAGE:
        return true;
    case FRAME_LARGE:
        ring_copy_out(frame->ring, ring_size, content, &frame->large, sizeof frame->large);
        return frame->head.size == sizeof frame->large;
    case FRAME_HANDLE:
        ring_copy_out(frame->ring, ring_size, content, &frame->parcel, sizeof frame->parcel);
        return frame->head.size == sizeof frame->parcel;
    default:
        return false;
    }
}

/* The next frame: 0, NOT_YET, or an error. Whoever can map the segment can write nonsense into it: a frame is never
 * believed to be longer than what is there. */
static int next_frame(const struct pipe_call *call, struct arrived *ret_frame)
{
    unsigned other = pipe_other(call->end);
    struct pipe *pipe = call->pipe;
    uint64_t there = bytes_there(&pipe->streams[other]);
    if (there == 0)
        return NOT_YET;
    int code = mproc__pipe_ring_address(pipe, other, &ret_frame->ring);
    if (code < 0)
        return code;
    /* Relaxed: receivers' own, under their word. */
    ret_frame->position = atomic_load_explicit(&pipe->streams[other].tail, memory_order_relaxed);
    ring_copy_out(ret_frame->ring, pipe->ring_size, ret_frame->position, &ret_frame->head, sizeof ret_frame->head);
    if (there > pipe->ring_size || frame_bytes(ret_frame->head.size) > there ||
        !read_content(ret_frame, pipe->ring_size))
        return mproc__pipe_error(call, MPROC_E_INTERNAL, ", whose content was overwritten");
    return 0;
}

/* The commit. Release: our reads of the frame come before it; pairs with the acquire in room_left and unread on the
 * senders' side. [pass] */
static void pass_frame(const struct pipe_call *call, const struct arrived *frame)
{
    atomic_store_explicit(&call->pipe->streams[pipe_other(call->end)].tail,
                          frame->position + frame_bytes(frame->head.size), memory_order_release);
}

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

static int copy_large(const struct pipe_call *call, const struct arrived *frame, void *data)
{
    const struct large_frame *large = &frame->large;
    if (!take_span(call, large)) {
        pass_frame(call, frame);
        return NOT_YET;
    }
    void *memory;
    int code = mproc__span_address(large->span, &memory);
    if (code < 0) {
        mproc__span_give(large->span, mproc__span_owner_self(), mproc__span_owner_object(call->id));
        return code;
    }
    memcpy(data, memory, (size_t)large->size);
    pass_frame(call, frame);
    mproc__span_free(large->span, mproc__span_owner_self());
    return 0;
}

static int copy_message(const struct pipe_call *call, const struct arrived *frame, void *data)
{
    if (frame->head.kind == FRAME_LARGE)
        return copy_large(call, frame, data);
    ring_copy_out(frame->ring, call->pipe->ring_size, frame->position + sizeof frame->head, data, frame->head.size);
    pass_frame(call, frame);
    return 0;
}

/* Where the message goes. */
static int make_room(const struct pipe_call *call, struct incoming *in)
{
    if (!in->allocate)
        return in->size <= in->capacity ? 0 : mproc__pipe_error(call, MPROC_E_TOO_SHORT, ", for its next message");
    free(in->data);
    in->data = malloc(in->size ? in->size : 1);
    return in->data ? 0 : mproc__error(MPROC_E_NO_MEMORY, "for a message of %zu bytes", in->size);
}

static int get_message(const struct pipe_call *call, void *operation)
{
    struct incoming *in = operation;
    struct arrived frame;
    int code = next_frame(call, &frame);
    if (code != 0)
        return code;
    if (frame.head.kind == FRAME_HANDLE)
        return mproc__pipe_error(call, MPROC_E_TYPE, ", where a handle comes next");
    in->size = frame.head.kind == FRAME_LARGE ? (size_t)frame.large.size : frame.head.size;
    code = make_room(call, in);
    return code < 0 ? code : copy_message(call, &frame, in->data);
}

int mproc_connection_recv(mproc_connection connection, void *ret_message, size_t capacity, size_t *ret_size,
                          int64_t timeout_ms)
{
    struct pipe_call call;
    struct incoming in = { .data = ret_message, .capacity = capacity };
    if (ret_message == NULL && capacity > 0)
        return mproc__error(MPROC_E_INVALID, "no buffer, and a capacity of %zu", capacity);
    int code = begin_receive(connection, false, &call);
    if (code == 0)
        code = transfer(&call, RECEIVERS, get_message, &in, look_for_content, mproc__deadline(timeout_ms));
    if (ret_size != NULL && (code == 0 || code == MPROC_E_TOO_SHORT))
        *ret_size = in.size;
    return code;
}

int mproc_connection_take(mproc_connection connection, mproc_view *ret_message, int64_t timeout_ms)
{
    struct pipe_call call;
    struct incoming in = { .allocate = true };
    int code = begin_receive(connection, false, &call);
    if (code == 0)
        code = transfer(&call, RECEIVERS, get_message, &in, look_for_content, mproc__deadline(timeout_ms));
    if (code == 0)
        *ret_message = (mproc_view){ in.data, in.size };
    else
        free(in.data);
    return code;
}

void mproc_connection_release(mproc_view *message)
{
    free((void *)message->data);
    *message = (mproc_view){ NULL, 0 };
}

/* ---- Handles ----
 */

struct moving {
    mproc_os_handle handle;
    int64_t deadline_ns;
};

/* Of an act that found the store kept by somebody else: with time left it is done again, and meanwhile others have the
 * word. */
static int store_result(int code, int64_t deadline_ns)
{
    return code == MPROC_E_TIMEOUT && platform_now_ns() < deadline_ns ? NOT_YET : code;
}

/* Only with room for the frame, and nothing is asked after: what was put into the store is sent, even if the other end
 * is closed meanwhile. */
static int put_handle(const struct pipe_call *call, void *operation)
{
    const struct moving *moving = operation;
    platform_parcel parcel;
    unsigned char *ring;
    int code = room_to_send(call, &ring);
    if (code != 0)
        return code;
    /* Relaxed: senders' own, under their word. */
    uint64_t head = atomic_load_explicit(&call->pipe->streams[call->end].head, memory_order_relaxed);
    code = mproc__handle_put(call, head, moving->handle, moving->deadline_ns, &parcel);
    if (code < 0)
        return store_result(code, moving->deadline_ns);
    /* Relaxed: whoever ends the pipe owns the senders' word after us. */
    atomic_store_explicit(&call->pipe->had_handles, 1, memory_order_relaxed);
    commit_frame(call, ring, &(struct outgoing){ FRAME_HANDLE, &parcel, sizeof parcel });
    return 0;
}

int mproc_connection_send_handle(mproc_connection connection, mproc_os_handle handle, mproc_handle_mode mode,
                                 int64_t timeout_ms)
{
    struct pipe_call call;
    if (handle == PLATFORM_NO_HANDLE || (mode != MPROC_HANDLE_DUP && mode != MPROC_HANDLE_MOVE))
        return mproc__error(MPROC_E_INVALID, handle == PLATFORM_NO_HANDLE ? "the handle is none" : "no such mode");
    if (mode == MPROC_HANDLE_MOVE && !platform_foreign_handle_can_close(handle))
        return mproc__error(MPROC_E_NOT_SUPPORTED, "moving a socket: send it, then close it with closesocket");
    int code = begin_send(connection, false, &call);
    if (code < 0)
        return code;
    struct moving moving = { handle, mproc__deadline(timeout_ms) };
    call.wanted = frame_bytes(sizeof(platform_parcel));
    code = transfer(&call, SENDERS, put_handle, &moving, look_for_room, moving.deadline_ns);
    /* What was sent is sent, whatever the system says to the closing of a handle that it knew a moment ago. */
    if (code == 0 && mode == MPROC_HANDLE_MOVE)
        platform_foreign_handle_close(handle);
    return code;
}

static int get_handle(const struct pipe_call *call, void *operation)
{
    struct moving *moving = operation;
    struct arrived frame;
    int code = next_frame(call, &frame);
    if (code != 0)
        return code;
    if (frame.head.kind != FRAME_HANDLE)
        return mproc__pipe_error(call, MPROC_E_TYPE, ", where a message comes next");
    code = mproc__handle_copy(&frame.parcel, moving->deadline_ns, &moving->handle);
    if (code < 0 && code != MPROC_E_NOT_FOUND)
        return store_result(code, moving->deadline_ns);
    /* Dropped after the frame is passed: killed before, we leave the handle to the next receiver, and after, nobody
     * drops it a second time. */
    pass_frame(call, &frame);
    if (code == 0)
        mproc__handle_drop(&frame.parcel, platform_now_ns() + COPY_NS);
    return code;
}

int mproc_connection_recv_handle(mproc_connection connection, mproc_os_handle *ret_handle, int64_t timeout_ms)
{
    struct pipe_call call;
    struct moving moving = { PLATFORM_NO_HANDLE, mproc__deadline(timeout_ms) };
    int code = begin_receive(connection, false, &call);
    if (code == 0)
        code = transfer(&call, RECEIVERS, get_handle, &moving, look_for_content, moving.deadline_ns);
    if (code == 0)
        *ret_handle = moving.handle;
    return code;
}

/* ---- Looking without taking ----
 */

/* What a look has found, for who asks only whether a receive would wait. */
static int is_ready(int code)
{
    return code == MPROC_E_END || code == MPROC_E_PEER_DIED ? 1 : code;
}

static int begin_look(const uint64_t id[2], struct pipe_call *ret_call)
{
    int code = mproc__pipe_find((mproc_connection){ { id[0], id[1] } }, ret_call);
    if (code == 0)
        code = begin_receive((mproc_connection){ { id[0], id[1] } }, ret_call->pipe->is_stream, ret_call);
    if (code == 0)
        mproc__pipe_use(ret_call);
    return code;
}

int mproc_connection_poll(mproc_connection connection, int64_t timeout_ms)
{
    struct pipe_call call;
    int code = begin_look(connection.id, &call);
    if (code == 0)
        code = mproc__pipe_await(&call, pipe_other(call.end), RECEIVERS, look_for_content, mproc__deadline(timeout_ms));
    return code == MPROC_E_TIMEOUT ? 0 : is_ready(code);
}

int mproc__connection_look(const uint64_t id[2])
{
    struct pipe_call call;
    int code = begin_look(id, &call);
    if (code < 0)
        return code;
    mproc__activity_watch(&call.pipe->ends[call.end].watched);
    return is_ready(look_for_content(&call));
}

/* ---- Bytes ----
 */

static int put_bytes(const struct pipe_call *call, void *operation)
{
    struct portion *portion = operation;
    struct pipe *pipe = call->pipe;
    struct pipe_stream *stream = &pipe->streams[call->end];
    unsigned char *ring;
    int code = room_to_send(call, &ring);
    if (code != 0)
        return code;
    /* All the room there is, if what is known is less than asked for. */
    uint64_t room = room_left(pipe, stream, portion->size);
    if (portion->size > room)
        portion->size = (size_t)room;
    uint64_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);
    ring_copy_in(ring, pipe->ring_size, head, portion->data, portion->size);
    /* Release: as in commit_frame. */
    atomic_store_explicit(&stream->head, head + portion->size, memory_order_release);
    return 0;
}

static int get_bytes(const struct pipe_call *call, void *operation)
{
    struct portion *portion = operation;
    unsigned other = pipe_other(call->end);
    struct pipe *pipe = call->pipe;
    uint64_t there = bytes_there(&pipe->streams[other]);
    if (there == 0)
        return NOT_YET;
    unsigned char *ring;
    int code = mproc__pipe_ring_address(pipe, other, &ring);
    if (code < 0)
        return code;
    /* As in next_frame. */
    if (there > pipe->ring_size)
        return mproc__pipe_error(call, MPROC_E_INTERNAL, ", whose content was overwritten");
    if (portion->size > there)
        portion->size = (size_t)there;
    uint64_t tail = atomic_load_explicit(&pipe->streams[other].tail, memory_order_relaxed);
    ring_copy_out(ring, pipe->ring_size, tail, portion->data, portion->size);
    /* Release: as in pass_frame. */
    atomic_store_explicit(&pipe->streams[other].tail, tail + portion->size, memory_order_release);
    return 0;
}

int mproc_connection_write(mproc_connection connection, const void *data, size_t size, size_t *ret_written,
                           int64_t timeout_ms)
{
    struct pipe_call call;
    struct portion portion = { (void *)data, size };
    if (data == NULL && size > 0)
        return mproc__error(MPROC_E_INVALID, "no data, and a size of %zu", size);
    int code = begin_send(connection, true, &call);
    call.wanted = size ? 1 : 0;
    if (code == 0)
        code = transfer(&call, SENDERS, put_bytes, &portion, look_for_room, mproc__deadline(timeout_ms));
    if (code == 0)
        *ret_written = portion.size;
    return code;
}

int mproc_connection_read(mproc_connection connection, void *ret_bytes, size_t capacity, size_t *ret_size,
                          int64_t timeout_ms)
{
    struct pipe_call call;
    struct portion portion = { ret_bytes, capacity };
    if (ret_bytes == NULL && capacity > 0)
        return mproc__error(MPROC_E_INVALID, "no buffer, and a capacity of %zu", capacity);
    int code = begin_receive(connection, true, &call);
    if (code == 0)
        code = transfer(&call, RECEIVERS, get_bytes, &portion, look_for_content, mproc__deadline(timeout_ms));
    if (code == 0)
        *ret_size = portion.size;
    return code;
}
