/* Looks from outside; see look.h. Relaxed: numbers to be shown, and whoever called checks afterwards that they were
 * this object's. What was taken out is read before what was put in, so that there is never less than nothing. */
#include "channel/look.h"
#include "channel/pipe_layout.h"
#include "channel/queue_layout.h"
#include "memory/block.h"

/* Acquire: keeps the order of the two reads. */
#define READ(member) atomic_load_explicit(&(member), memory_order_acquire)

void mproc__queue_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct queue *queue = (const struct queue *)(block + 1);
    uint32_t got = position_count(READ(queue->get.position));
    uint32_t there = position_count(READ(queue->put.position)) - got;
    ret_sight->limit = queue->capacity;
    /* Others may have got some and put others in between. */
    if (queue->capacity != 0 && there > queue->capacity)
        there = queue->capacity;
    ret_sight->depth = READ(queue->state) & QUEUE_DROPPED ? 0 : there;
    ret_sight->passed = got;
}

void mproc__pipe_look_on(const struct family_block *block, struct object_sight *ret_sight)
{
    const struct pipe *pipe = (const struct pipe *)(block + 1);
    for (unsigned i = 0; i < 2; i++) {
        const struct pipe_stream *stream = &pipe->streams[i];
        uint64_t tail = READ(stream->tail), there = READ(stream->head) - tail;
        ret_sight->depth += there < pipe->ring_size ? there : pipe->ring_size;
        ret_sight->passed += tail;
    }
    ret_sight->limit = pipe->ring_size * (pipe->one_way ? 1 : 2);
}
