/* A call on one end of a queue. */
#include "channel/queue_call.h"
#include "base/base.h"
#include "channel/queue_layout.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "memory/span.h"

int mproc__queue_enter(mproc_queue handle, enum queue_word end, int64_t deadline, struct queue_call *ret_call)
{
    struct family_block *block = block_find(FAMILY_QUEUE, handle.id);
    if (unlikely(block == NULL)) {
        int code = mproc__object_block(FAMILY_QUEUE, handle.id, &block);
        if (code < 0)
            return code;
    }
    if (unlikely(mproc__self.id == 0) && mproc__thread_slot_self() == 0)
        return MPROC_E_LIMIT;
    struct queue *queue = (struct queue *)(block + 1);
    *ret_call = (struct queue_call){ queue,
                                     { &queue->words[end], block, FAMILY_QUEUE, { handle.id[0], handle.id[1] } },
                                     deadline };
    return 0;
}

int mproc__queue_error(int code, const struct queue_call *call, const char *what)
{
    return mproc__object_error(code, FAMILY_QUEUE, call->owned.block, what);
}

uint64_t mproc__queue_owner(const struct queue_call *call)
{
    return mproc__span_owner_object(call->owned.id);
}

uint32_t mproc__queue_count(struct queue *queue)
{
    /* seq_cst, all of them: the head was the same before and after the tail was read, so at that moment both were so. A
     * second look means that somebody has got a message meanwhile. */
    uint64_t head = atomic_load(&queue->get.position);
    for (;;) {
        uint64_t tail = atomic_load(&queue->put.position);
        uint64_t again = atomic_load(&queue->get.position);
        if (head == again)
            return position_count(tail) - position_count(head);
        head = again;
    }
}
