/* Frames: how messages and handles lie in a stream. */
#include "channel/pipe_frame.h"
#include "channel/byte_ring.h"
#include "channel/pipe_stream.h"

void mproc__frame_commit(const struct pipe_call *call, unsigned char *ring, const struct frame_outgoing *out)
{
    struct pipe *pipe = call->pipe;
    struct pipe_stream *stream = &pipe->streams[call->end];
    /* Relaxed: senders' own, under their word. */
    uint64_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);
    struct frame_head frame = { (uint32_t)out->size, out->kind };
    byte_ring_write(ring, pipe->ring_size, head, &frame, sizeof frame);
    byte_ring_write(ring, pipe->ring_size, head + sizeof frame, out->content, out->size);
    /* The commit. Release: pairs with the acquire in stream_content and stream_unread, of the receivers. [commit] */
    atomic_store_explicit(&stream->head, head + frame_bytes(out->size), memory_order_release);
}

/* What the frame holds besides a message. False: it makes no sense. */
static bool read_content(struct frame_arrived *frame, uint64_t ring_size)
{
    uint64_t content = frame->position + sizeof frame->head;
    switch (frame->head.kind) {
    case FRAME_MESSAGE:
        return true;
    case FRAME_LARGE:
        byte_ring_read(frame->ring, ring_size, content, &frame->large, sizeof frame->large);
        return frame->head.size == sizeof frame->large;
    case FRAME_HANDLE:
        byte_ring_read(frame->ring, ring_size, content, &frame->parcel, sizeof frame->parcel);
        return frame->head.size == sizeof frame->parcel;
    default:
        return false;
    }
}

/* Whoever can map the segment can write nonsense into it: a frame is never believed to be longer than what is there. */
int mproc__frame_next(const struct pipe_call *call, struct frame_arrived *ret_frame)
{
    unsigned other = pipe_other(call->end);
    struct pipe *pipe = call->pipe;
    uint64_t there = stream_content(&pipe->streams[other]);
    if (there == 0)
        return PIPE_NOT_YET;
    int code = mproc__pipe_ring_address(pipe, other, &ret_frame->ring);
    if (code < 0)
        return code;
    /* Relaxed: receivers' own, under their word. */
    ret_frame->position = atomic_load_explicit(&pipe->streams[other].tail, memory_order_relaxed);
    byte_ring_read(ret_frame->ring, pipe->ring_size, ret_frame->position, &ret_frame->head, sizeof ret_frame->head);
    if (there > pipe->ring_size || frame_bytes(ret_frame->head.size) > there ||
        !read_content(ret_frame, pipe->ring_size))
        return mproc__pipe_error(call, MPROC_E_INTERNAL, ", whose content was overwritten");
    return 0;
}

/* The commit. Release: our reads of the frame come before it; pairs with the acquire in stream_room and
 * stream_unread, of the senders. [pass] */
void mproc__frame_pass(const struct pipe_call *call, const struct frame_arrived *frame)
{
    atomic_store_explicit(&call->pipe->streams[pipe_other(call->end)].tail,
                          frame->position + frame_bytes(frame->head.size), memory_order_release);
}
