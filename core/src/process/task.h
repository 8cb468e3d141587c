/* The running task, as the worker's side keeps it. */
#ifndef MPROC_PROCESS_TASK_H
#define MPROC_PROCESS_TASK_H

#include "pool/ring.h"
#include <mproc/task.h>

struct mproc_task {
    mproc_view argument;
    uint64_t id;
    unsigned attempt;
    int worker;
    int64_t item; /**< -1 outside a map kernel */
    int fail_code;
    char message[RING_MESSAGE_BYTES];
    /* The value: in small while it fits a completion cell, else on the heap, kept for the next task. */
    size_t value_size;
    size_t heap_capacity;
    unsigned char *heap;
    unsigned char small[RING_INLINE_BYTES];
};

/** Makes the task ready for its next run. */
void mproc__task_reset(struct mproc_task *task);

/** Its value, wherever it lies. */
mproc_view mproc__task_value(const struct mproc_task *task);

/** Gives back what an unusually large value took, so that a worker's size does not follow its largest task. */
void mproc__task_trim(struct mproc_task *task);

#endif
