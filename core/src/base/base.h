/* What every floor stands on.
 *
 * Lives here: how a call says what went wrong (error), lines of the log (log), ends of time-outs (deadline), functions
 * as they travel between processes (function), structs of other versions (options), what mproc_init leaves for all to
 * know (ready), copies and rings of bytes (copy, byte_ring); and, in this header, what C11 has no words for.
 *
 * May use: the port.
 *
 * Must not know: that there are other processes, and what they share.
 */
#ifndef MPROC_BASE_BASE_H
#define MPROC_BASE_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__

/** A condition that is false, or true, nearly always: the other way is laid out of the way. */
#define unlikely(condition) __builtin_expect((condition) != 0, 0)
#define likely(condition)   __builtin_expect((condition) != 0, 1)

/** Before a function: its calls stay calls. For a slow way out of a fast function, whose registers it would take. */
#define NEVER_INLINE __attribute__((noinline))

/** Before a function that is called when something has gone wrong: whatever leads to its calls is laid out of the way,
 * and does not keep the rest from being inlined. */
#define COLD __attribute__((cold))

/** Where the calling function returns to; NULL if that is not to be known. */
#define RETURN_ADDRESS() __builtin_return_address(0)

/** How many bits are set. */
#define COUNT_BITS(word) ((unsigned)__builtin_popcountll(word))

/** Which is the highest bit that is set, from 0; of a word that is not 0. */
#define HIGHEST_BIT(word) (63u - (unsigned)__builtin_clzll(word))

#else

#define unlikely(condition) (condition)
#define likely(condition)   (condition)
#define NEVER_INLINE
#define COLD
#define RETURN_ADDRESS()  NULL

static inline unsigned base_count_bits(uint64_t word)
{
    unsigned count = 0;
    for (; word != 0; word &= word - 1)
        count++;
    return count;
}
#define COUNT_BITS(word)  base_count_bits(word)

static inline unsigned base_highest_bit(uint64_t word)
{
    unsigned bit = 0;
    while ((word >>= 1) != 0)
        bit++;
    return bit;
}
#define HIGHEST_BIT(word) base_highest_bit(word)

#endif

#endif
