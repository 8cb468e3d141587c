/* Handles under way through pipes: their parcels. */
#include "channel/pipe_handle.h"
#include "channel/pipe_call.h"
#include "channel/pipe_layout.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"

/* A tag: the pipe; the position of the frame in its stream; number << 32 | stream << 31 | thread slot of the sender. */
#define TAG_STREAM_SHIFT 31

platform_parcel mproc__pipe_parcel(const struct pipe_call *call, uint64_t position)
{
    uint64_t stream = (uint64_t)call->end << TAG_STREAM_SHIFT;
    return (platform_parcel){ { call->id[1], position, mproc__family_new_key() << 32 | stream | mproc__self.id }, 0 };
}

bool mproc__pipe_parcel_is_over(const platform_parcel *parcel)
{
    struct pipe_call call = { .id = { block_check(FAMILY_PIPE, parcel->tag[0]), parcel->tag[0] } };
    unsigned stream = parcel->tag[2] >> TAG_STREAM_SHIFT & 1;
    call.block = block_find(FAMILY_PIPE, call.id);
    /* Not there, or not mapped here, which is for its users to find out: a parcel of theirs is safe with them. */
    if (call.block == NULL) {
        void *object;
        return mproc__object_find(FAMILY_PIPE, call.id, &object) == MPROC_E_STALE;
    }
    struct pipe *pipe = (struct pipe *)(call.block + 1);
    /* Acquire: what is unread is so in a pipe that is there after the loads. */
    uint64_t tail = atomic_load_explicit(&pipe->streams[stream].tail, memory_order_acquire);
    uint64_t head = atomic_load_explicit(&pipe->streams[stream].head, memory_order_acquire);
    if (!pipe_exists(&call) || tail > parcel->tag[1])
        return true;
    /* Put there by somebody who was killed before he sent the frame. */
    return head <= parcel->tag[1] && !mproc__thread_slot_check((thread_slot)(parcel->tag[2] & THREAD_SLOT_MASK));
}
