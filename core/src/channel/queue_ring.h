/* The rings of a queue: what lies in them, how a larger one is begun, and how the old ones are freed. All of it is done
 * with the put word, but for reading.
 */
#ifndef MPROC_CHANNEL_QUEUE_RING_H
#define MPROC_CHANNEL_QUEUE_RING_H

#include "base/byte_ring.h"
#include "channel/queue_call.h"
#include "channel/queue_layout.h"
#include "memory/span.h"

/** The address of a place in a ring: where to begin and how many bytes lie there in one piece. */
struct queue_bytes {
    unsigned char *base;
    uint32_t size; /**< a power of two */
};

/** Errors: as mproc__span_address. */
static inline int queue_ring_bytes(const struct queue_ring *ring, struct queue_bytes *ret_bytes)
{
    void *address;
    int code = mproc__span_address(ring->span, &address);
    if (code == 0)
        *ret_bytes = (struct queue_bytes){ address, ring->units * QUEUE_UNIT };
    return code;
}

static inline void bytes_write(const struct queue_bytes *bytes, uint32_t place, const void *data, size_t size)
{
    byte_ring_write(bytes->base, bytes->size, (uint64_t)place * QUEUE_UNIT, data, size);
}

static inline void bytes_read(const struct queue_bytes *bytes, uint32_t place, void *ret_data, size_t size)
{
    byte_ring_read(bytes->base, bytes->size, (uint64_t)place * QUEUE_UNIT, ret_data, size);
}

/** Release: pairs with the acquire of the getters, which see the messages, the rings and their ends. [commit] */
static inline void queue_commit_tail(struct queue *queue, uint64_t tail)
{
    atomic_store_explicit(&queue->put.position, tail, memory_order_release);
}

/** Makes the first ring of a queue that nobody else knows yet. bytes: a power of two. */
int mproc__queue_first_ring(struct queue_call *call, size_t bytes);

/** Frees the rings that the getters have left, and one that a dead producer had not begun. */
void mproc__queue_reclaim_rings(struct queue_call *call, uint64_t head, uint64_t tail);

/** Looks how far the getters are. */
void mproc__queue_look_at_head(struct queue_call *call, uint64_t tail);

/** Units that are free behind the tail in its ring, as far as is known. */
static inline uint32_t queue_room_behind(const struct queue *queue, uint64_t tail)
{
    uint64_t head = queue->put.other;
    uint32_t begin = position_ring(head) == position_ring(tail) ? position_place(head) : 0;
    return queue->rings[position_ring(tail)].units - ((position_place(tail) - begin) & QUEUE_PLACE_MASK);
}

/** Looks for so many units, and begins a ring if they are not there; the tail moves then. */
int mproc__queue_find_room(struct queue_call *call, uint32_t units, uint64_t *tail);

/** Sees to it that so many units are free behind the tail, which moves if a new ring is begun. */
static inline int queue_make_room(struct queue_call *call, uint32_t units, uint64_t *tail)
{
    return queue_room_behind(call->queue, *tail) >= units ? 0 : mproc__queue_find_room(call, units, tail);
}

#endif
