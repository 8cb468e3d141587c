/* Numbers as the wire and recordings have them: the lowest byte first, at any address.
 */
#ifndef MPROC_TRACE_LITTLE_ENDIAN_H
#define MPROC_TRACE_LITTLE_ENDIAN_H

#include <stddef.h>
#include <stdint.h>

static inline void little_endian_put(unsigned char *at, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (unsigned char)(number >> 8 * i);
}

static inline uint64_t little_endian_get(const unsigned char *at, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number |= (uint64_t)at[i] << 8 * i;
    return number;
}

#endif
