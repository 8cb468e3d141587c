/* Frames: how messages and handles lie in a stream. */
#include "channel/pipe_frame.h"
#include "base/byte_ring.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "channel/pipe_stream.h"

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
