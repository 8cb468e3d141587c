/* What parts of a pool share with one of its workers, each for itself: their memory lies behind this line, one after
 * the other as in the rows of annex.c. What is in it is the part's own affair.
 */
#ifndef MPROC_POOL_ANNEX_LAYOUT_H
#define MPROC_POOL_ANNEX_LAYOUT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

/** The parent writes, the worker reads. */
struct annex_line {
    alignas(64) _Atomic uint32_t wanted; /**< a bit for each row whose part is to hear of tasks */
};

_Static_assert(sizeof(struct annex_line) == 64, "a line of one's own is a cache line");

#endif
