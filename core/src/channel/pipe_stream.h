/* One stream of a pipe: what is in it, as each side sees it.
 */
#ifndef MPROC_CHANNEL_PIPE_STREAM_H
#define MPROC_CHANNEL_PIPE_STREAM_H

#include "channel/pipe_layout.h"

/** Bytes between tail and head. Acquire on both: head pairs with the store of a sender, tail with that of a receiver,
 * whose side's reads of the bytes come before it. Tail first: head only grows, so the difference is never negative. */
static inline uint64_t stream_unread(const struct pipe_stream *stream)
{
    uint64_t tail = atomic_load_explicit(&stream->tail, memory_order_acquire);
    return atomic_load_explicit(&stream->head, memory_order_acquire) - tail;
}

/** The room that senders have, by what they know of tail; with a look at it if that is less than wanted. Relaxed: the
 * senders' own, under their word. Acquire: as in stream_unread. */
static inline uint64_t stream_room(const struct pipe *pipe, struct pipe_stream *stream, uint64_t wanted)
{
    uint64_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);
    uint64_t room = pipe->ring_size - (head - atomic_load_explicit(&stream->tail_seen, memory_order_relaxed));
    if (room >= wanted)
        return room;
    uint64_t tail = atomic_load_explicit(&stream->tail, memory_order_acquire);
    atomic_store_explicit(&stream->tail_seen, tail, memory_order_relaxed);
    return pipe->ring_size - (head - tail);
}

/** What receivers know to be there; with a look at head if that is nothing. Orders as in stream_room. */
static inline uint64_t stream_content(struct pipe_stream *stream)
{
    uint64_t tail = atomic_load_explicit(&stream->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&stream->head_seen, memory_order_relaxed);
    if (head != tail)
        return head - tail;
    head = atomic_load_explicit(&stream->head, memory_order_acquire);
    atomic_store_explicit(&stream->head_seen, head, memory_order_relaxed);
    return head - tail;
}

#endif
