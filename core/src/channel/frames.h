/* A ring of bytes in shared memory with one head and one tail, and the frames that messages lie in.
 *
 * Positions count bytes from the ring's beginning and never wrap: 64 bits last for ever. A byte at a position lies at
 * position mod size, size being a power of two. What is between tail and head is the readers', the rest the writers'. A
 * frame begins at a multiple of 8 with a head of 8 bytes, so that the head never crosses the ring's end; its content
 * may.
 *
 * Who writes and who reads is the business of whoever owns the ring: one writer and one reader at a time. The commit of
 * a write is the store of head, that of a read the store of tail, and before it nothing has happened.
 */
#ifndef MPROC_CHANNEL_FRAMES_H
#define MPROC_CHANNEL_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct frame_head {
    uint32_t size; /**< of the content, without what fills it up to a multiple of 8 */
    uint32_t kind;
};

#define FRAME_ALIGN ((uint64_t)8)

/** Bytes that a frame with so much content takes. */
static inline uint64_t frame_bytes(uint64_t content)
{
    return sizeof(struct frame_head) + (content + FRAME_ALIGN - 1) / FRAME_ALIGN * FRAME_ALIGN;
}

/** Copies to a position of a ring, or from one. */
static inline void ring_copy_in(unsigned char *ring, uint64_t ring_size, uint64_t position, const void *data,
                                size_t size)
{
    size_t at = (size_t)(position & (ring_size - 1)), left = (size_t)ring_size - at;
    size_t first = size < left ? size : left;
    /* Of no bytes there may be no address either. */
    if (first > 0)
        memcpy(ring + at, data, first);
    if (size > first)
        memcpy(ring, (const unsigned char *)data + first, size - first);
}

static inline void ring_copy_out(const unsigned char *ring, uint64_t ring_size, uint64_t position, void *data,
                                 size_t size)
{
    size_t at = (size_t)(position & (ring_size - 1)), left = (size_t)ring_size - at;
    size_t first = size < left ? size : left;
    if (first > 0)
        memcpy(data, ring + at, first);
    if (size > first)
        memcpy((unsigned char *)data + first, ring, size - first);
}

#endif
