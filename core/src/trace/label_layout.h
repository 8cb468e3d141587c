/* What a worker calls the task that it runs, in memory that it shares with its pool: see label.h. */
#ifndef MPROC_TRACE_LABEL_LAYOUT_H
#define MPROC_TRACE_LABEL_LAYOUT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

/** Of a label with its zero. */
#define LABEL_BYTES 56u

/** Written for one cell of the worker's ring at a time, read also of a dead worker. */
struct label_line {
    alignas(64) _Atomic uint64_t mark;       /**< low half: of the cell whose task it names, as in mproc_task.mark;
                                                0: of none, or it is being written. High half: how many were written */
    _Atomic uint64_t words[LABEL_BYTES / 8]; /**< a text, and zeroes up to the end */
};

_Static_assert(sizeof(struct label_line) == 64, "a line of one's own is a cache line");

#endif
