/* The end of a pipe: what is left in it, and its memory. */
#include "channel/pipe_reclaim.h"
#include "base/byte_ring.h"
#include "channel/handle_store.h"
#include "channel/pipe_call.h"
#include "channel/pipe_handle.h"
#include "channel/pipe_layout.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "memory/object.h"
#include "memory/span.h"

/* Takes the four owned words of the pipe, or none. */
static bool lock_all(const struct pipe_call *call, int64_t deadline_ns)
{
    for (unsigned i = 0; i < 4; i++) {
        if (mproc__pipe_lock_until(call, i / 2, i % 2, deadline_ns) == 0)
            continue;
        while (i-- > 0)
            mproc__pipe_unlock(call, i / 2, i % 2);
        return false;
    }
    return true;
}

/* Gives back what an unread frame stands for. */
static void drop_frame(const struct pipe_call *call, const unsigned char *ring, uint64_t position, uint32_t kind,
                       int64_t deadline_ns)
{
    uint64_t content = position + sizeof(struct frame_head), ring_size = call->pipe->ring_size;
    if (kind == FRAME_LARGE) {
        struct large_frame large;
        byte_ring_read(ring, ring_size, content, &large, sizeof large);
        mproc__span_free(large.span, mproc__span_owner_object(call->id));
    } else if (kind == FRAME_HANDLE) {
        platform_parcel parcel;
        byte_ring_read(ring, ring_size, content, &parcel, sizeof parcel);
        mproc__handle_drop(mproc__pipe_parcel_is_over, &parcel, deadline_ns);
    }
}

/* What lies in a stream that nobody will receive. Each frame is passed first: if this process is killed, nobody drops
 * it a second time. */
static void drop_unread(const struct pipe_call *call, unsigned stream, int64_t deadline_ns)
{
    struct pipe *pipe = call->pipe;
    unsigned char *ring = NULL;
    if (pipe->is_stream || !pipe_sends(pipe, stream) || mproc__pipe_ring_address(pipe, stream, &ring) < 0)
        return;
    uint64_t head = atomic_load_explicit(&pipe->streams[stream].head, memory_order_relaxed);
    uint64_t at = atomic_load_explicit(&pipe->streams[stream].tail, memory_order_relaxed);
    while (at < head) {
        struct frame_head frame;
        uint64_t position = at;
        byte_ring_read(ring, pipe->ring_size, position, &frame, sizeof frame);
        at += frame_bytes(frame.size);
        /* Release: the reading of the frame comes before it. */
        atomic_store_explicit(&pipe->streams[stream].tail, at, memory_order_release);
        drop_frame(call, ring, position, frame.kind, deadline_ns);
    }
}

/* Both ends are closed: destroys the pipe, unless somebody is in the middle of a copy that does not end before the
 * deadline; he tries again when he is through, and so does whoever finds the pipe. The four words are not released: the
 * next object of the block begins with free ones. */
void mproc__pipe_reclaim(const struct pipe_call *call, int64_t deadline_ns)
{
    struct pipe *pipe = call->pipe;
    if (!lock_all(call, deadline_ns))
        return;
    drop_unread(call, 0, deadline_ns);
    drop_unread(call, 1, deadline_ns);
    uint64_t span = pipe->span;
    bool had_handles = atomic_load_explicit(&pipe->had_handles, memory_order_relaxed) != 0;
    if (mproc__object_destroy(FAMILY_PIPE, call->id) == 0)
        mproc__span_free(span, mproc__span_owner_object(call->id));
    thread_slot_holds(-4);
    for (unsigned i = 0; i < 4; i++)
        platform_wake(&pipe->owned[i / 2][i % 2].word, INT32_MAX);
    /* Of a pipe that is gone all is over, also what those have left in the store who died beside its frame. */
    if (had_handles)
        mproc__handle_purge(mproc__pipe_parcel_is_over, deadline_ns);
}

void mproc__pipe_after_copy(const struct pipe_call *call)
{
    /* Acquire: as in find. If the block is another pipe's by now that one's words are refused to this call. */
    if (atomic_load_explicit(&call->pipe->closed, memory_order_acquire) == PIPE_BOTH_CLOSED)
        mproc__pipe_reclaim(call, platform_now_ns() + PIPE_COPY_NS);
}
