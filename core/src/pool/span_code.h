/* Spans of time in 16 bits, good to a thousandth, as ticks are: for records that every task has one of, and for cells
 * of which every byte counts.
 */
#ifndef MPROC_POOL_SPAN_CODE_H
#define MPROC_POOL_SPAN_CODE_H

#include "base/log_linear.h"
#include <stdbool.h>

#define SPAN_CODE_BITS 10u

_Static_assert(LOG_LINEAR_CELLS(SPAN_CODE_BITS) <= UINT16_MAX, "a code has 16 bits");

/** The code of so many ticks; of a negative number that of 0. */
static inline uint16_t span_code(int64_t ticks)
{
    return (uint16_t)log_linear_cell(ticks > 0 ? (uint64_t)ticks : 0, SPAN_CODE_BITS);
}

/** Whether a code that somebody else wrote is one. */
static inline bool span_code_is_good(uint16_t code)
{
    return code < LOG_LINEAR_CELLS(SPAN_CODE_BITS);
}

/** The ticks, never more than they were. */
static inline int64_t span_ticks(uint16_t code)
{
    return (int64_t)log_linear_first(code, SPAN_CODE_BITS);
}

#endif
