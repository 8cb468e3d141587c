/* Numbers as the wire and recordings have them: the lowest byte first, at any address.
 *
 * Written out byte by byte, of which compilers make one instruction where the machine has such numbers; of loops they
 * make none.
 */
#ifndef MPROC_TRACE_LITTLE_ENDIAN_H
#define MPROC_TRACE_LITTLE_ENDIAN_H

#include <stddef.h>
#include <stdint.h>

static inline void little_endian_put2(unsigned char *at, uint32_t number)
{
    at[0] = (unsigned char)number;
    at[1] = (unsigned char)(number >> 8);
}

static inline void little_endian_put4(unsigned char *at, uint32_t number)
{
    at[0] = (unsigned char)number;
    at[1] = (unsigned char)(number >> 8);
    at[2] = (unsigned char)(number >> 16);
    at[3] = (unsigned char)(number >> 24);
}

static inline uint32_t little_endian_get4(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/** width: 1, 2, 4 or 8. */
static inline void little_endian_put(unsigned char *at, uint64_t number, size_t width)
{
    switch (width) {
    case 1:
        at[0] = (unsigned char)number;
        break;
    case 2:
        little_endian_put2(at, (uint32_t)number);
        break;
    case 4:
        little_endian_put4(at, (uint32_t)number);
        break;
    default:
        little_endian_put4(at, (uint32_t)number);
        little_endian_put4(at + 4, (uint32_t)(number >> 32));
    }
}

static inline uint64_t little_endian_get(const unsigned char *at, size_t width)
{
    switch (width) {
    case 1:
        return at[0];
    case 2:
        return at[0] | (uint32_t)at[1] << 8;
    case 4:
        return little_endian_get4(at);
    default:
        return little_endian_get4(at) | (uint64_t)little_endian_get4(at + 4) << 32;
    }
}

#endif
