/* The rings of a queue. */
#include "channel/queue_ring.h"
#include "channel/queue_call.h"
#include "channel/queue_layout.h"
#include "memory/memory.h"
#include "memory/span.h"

int mproc__queue_first_ring(struct queue_call *call, size_t bytes)
{
    uint64_t span;
    int code = mproc__span_create_dirty(bytes, mproc__queue_owner(call), &span);
    if (code == 0)
        call->queue->rings[0] = (struct queue_ring){ span, (uint32_t)(bytes / QUEUE_UNIT), 0 };
    return code;
}

static bool is_live(unsigned ring, uint64_t head, uint64_t tail)
{
    return (ring - position_ring(head)) % QUEUE_RINGS <= (position_ring(tail) - position_ring(head)) % QUEUE_RINGS;
}

/* Frees the rings that the getters have left, and one that a dead producer had not begun. Whoever dies in here has
 * freed a ring or not when the next one does this again; a span that is not the queue's stays as it is, and nobody
 * gives the queue another span in between. [reclaim] */
void mproc__queue_reclaim_rings(struct queue_call *call, uint64_t head, uint64_t tail)
{
    struct queue_ring *rings = call->queue->rings;
    for (unsigned i = 0; i < QUEUE_RINGS; i++) {
        if (rings[i].span == 0 || is_live(i, head, tail))
            continue;
        mproc__span_free(rings[i].span, mproc__queue_owner(call));
        rings[i].span = 0;
    }
}

/* Acquire: pairs with the release store of the head; what the getters have read may be written over after it. */
void mproc__queue_look_at_head(struct queue_call *call, uint64_t tail)
{
    struct queue *queue = call->queue;
    uint64_t before = queue->put.other;
    queue->put.other = atomic_load_explicit(&queue->get.position, memory_order_acquire);
    if (position_ring(before) != position_ring(queue->put.other))
        mproc__queue_reclaim_rings(call, queue->put.other, tail);
}

/* A span for the next ring: twice as large as the last one, or as much of that as there is memory for. */
static int make_ring(uint32_t last, uint32_t needed, struct queue_ring *ret_ring)
{
    uint32_t units = last < QUEUE_RING_UNITS ? 2 * last : last;
    uint64_t span;
    int code;
    for (;; units /= 2) {
        code = mproc__span_create_dirty((size_t)units * QUEUE_UNIT, mproc__span_owner_self(), &span);
        bool smaller = units / 2 >= needed && units / 2 >= QUEUE_RING_MIN / QUEUE_UNIT && units > last / 8;
        if (code == 0 || !smaller)
            break;
    }
    if (code == 0)
        *ret_ring = (struct queue_ring){ span, units, 0 };
    return code;
}

/* Begins a ring. The old one stays until the getters have left it. Killed before the commit, a producer leaves a ring
 * that is not live: the span is his, and an orphan, or the queue's, and reclaimed. That it is named in the ring first
 * and given second is what makes it findable. */
static int grow(struct queue_call *call, uint32_t needed, uint64_t *tail)
{
    struct queue *queue = call->queue;
    struct queue_ring ring, *old = &queue->rings[position_ring(*tail)];
    unsigned next = (position_ring(*tail) + 1) % QUEUE_RINGS;
    if (next == position_ring(queue->put.other))
        return mproc__queue_error(MPROC_E_LIMIT, call, ", whose backlog lies in as many pieces as there may be");
    int code = make_ring(old->units, needed, &ring);
    if (code < 0)
        return code;
    old->end = position_place(*tail);
    queue->rings[next] = ring;
    mproc__span_give(ring.span, mproc__span_owner_self(), mproc__queue_owner(call));
    *tail = position_at(position_count(*tail), next, 0);
    queue_commit_tail(queue, *tail);
    return 0;
}

int mproc__queue_find_room(struct queue_call *call, uint32_t units, uint64_t *tail)
{
    struct queue *queue = call->queue;
    mproc__queue_look_at_head(call, *tail);
    if (queue_room_behind(queue, *tail) >= units)
        return 0;
    /* What stands before the new ring has to be in. */
    queue_commit_tail(queue, *tail);
    return grow(call, units, tail);
}
