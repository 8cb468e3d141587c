/* Frames: how messages and handles lie in a stream.
 *
 * tests/models/pipe.pml is one stream for an exhaustive checker; its steps are named in the code as [commit], [give],
 * [take] and [pass].
 */
#ifndef MPROC_CHANNEL_PIPE_FRAME_H
#define MPROC_CHANNEL_PIPE_FRAME_H

#include "channel/pipe_call.h"

/** A frame to be sent. */
struct frame_outgoing {
    enum frame_kind kind;
    const void *content; /**< of the frame */
    size_t size;
};

/** Sends it, into room that was found. Under the senders' word. [commit] */
void mproc__frame_commit(const struct pipe_call *call, unsigned char *ring, const struct frame_outgoing *out);

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

/** Passes it, which is received then. Under the same word. [pass] */
void mproc__frame_pass(const struct pipe_call *call, const struct frame_arrived *frame);

#endif
