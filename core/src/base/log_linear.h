/* A scale on which numbers of any size lie in few cells: every power of two is divided into as many cells, 1 << bits.
 * A cell from number n on holds at most n / (1 << bits) numbers, or one: each number below 2 << bits has its own.
 */
#ifndef MPROC_BASE_LOG_LINEAR_H
#define MPROC_BASE_LOG_LINEAR_H

#include "base/base.h"

/** How many cells hold all numbers below 2^63. */
#define LOG_LINEAR_CELLS(bits) ((64u - (bits)) << (bits))

/** The cell that a number lies in. */
static inline uint32_t log_linear_cell(uint64_t number, unsigned bits)
{
    unsigned shift = HIGHEST_BIT(number | ((2ull << bits) - 1)) - bits;
    return (shift << bits) + (uint32_t)(number >> shift);
}

/** The least number in a cell; of LOG_LINEAR_CELLS(bits), behind the last cell, 2^63. */
static inline uint64_t log_linear_first(uint32_t cell, unsigned bits)
{
    if (cell >> bits < 2)
        return cell;
    unsigned shift = (cell >> bits) - 1;
    return ((cell & ((1u << bits) - 1)) + (1ull << bits)) << shift;
}

#endif
