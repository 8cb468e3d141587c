/* A ring of bytes with one head and one tail, wherever it lies.
 *
 * Positions count bytes from the ring's beginning, and a byte at a position lies at position mod size, size being a
 * power of two. What is between tail and head is the readers', the rest the writers'.
 *
 * Who writes and who reads is the business of whoever owns the ring: one writer and one reader at a time. The commit of
 * a write is the store of head, that of a read the store of tail, and before it nothing has happened.
 */
#ifndef MPROC_BASE_BYTE_RING_H
#define MPROC_BASE_BYTE_RING_H

#include "base/copy.h"
#include <stddef.h>
#include <stdint.h>

/** Copies to a position of a ring, or from one. */
static inline void byte_ring_write(unsigned char *ring, uint64_t ring_size, uint64_t position, const void *data,
                                   size_t size)
{
    size_t at = (size_t)(position & (ring_size - 1)), left = (size_t)ring_size - at;
    size_t first = size < left ? size : left;
    /* Of no bytes there may be no address either. */
    if (first > 0)
        mproc__copy(ring + at, data, first);
    if (size > first)
        mproc__copy(ring, (const unsigned char *)data + first, size - first);
}

static inline void byte_ring_read(const unsigned char *ring, uint64_t ring_size, uint64_t position, void *data,
                                  size_t size)
{
    size_t at = (size_t)(position & (ring_size - 1)), left = (size_t)ring_size - at;
    size_t first = size < left ? size : left;
    if (first > 0)
        mproc__copy(data, ring + at, first);
    if (size > first)
        mproc__copy((unsigned char *)data + first, ring, size - first);
}

#endif
