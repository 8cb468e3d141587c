/* Frames: how messages and handles lie in a stream.
 *
 * tests/models/pipe.pml is one stream for an exhaustive checker; its steps are named in the code as [commit], [give],
 * [take] and [pass].
 */
#ifndef MPROC_CHANNEL_PIPE_FRAME_H
#define MPROC_CHANNEL_PIPE_FRAME_H

#include "base/byte_ring.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"

/** A frame to be sent. */
struct frame_outgoing {
    enum frame_kind kind;
    const void *content; /**< of the frame */
    size_t size;
};

/** Sends it, into room that was found. Under the senders' word. [commit] */
static inline void frame_commit(const struct pipe_call *call, unsigned char *ring, const struct frame_outgoing *out)
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

/** A frame as it lies at the tail. */
struct frame_arrived {
    unsigned char *ring;
    uint64_t position; /**< of the frame */
    struct frame_head head;
    union {
        struct large_frame large;
        platform_parcel parcel;
    };
};

/** The next frame: 0, PIPE_NOT_YET, or an error. Under the receivers' word. */
int mproc__frame_next(const struct pipe_call *call, struct frame_arrived *ret_frame);

/** Passes it, which is received then. Under the same word. Release: our reads of the frame come before it; pairs with
 * the acquire in stream_room and stream_unread, of the senders. [pass] */
static inline void frame_pass(const struct pipe_call *call, const struct frame_arrived *frame)
{
    atomic_store_explicit(&call->pipe->streams[pipe_other(call->end)].tail,
                          frame->position + frame_bytes(frame->head.size), memory_order_release);
}

#endif
