/* What a worker tells whoever watches its pool, beside what the pool sees for itself: that a task has begun, what its
 * argument and its value are, what it is called. Written to memory that outlives the worker; see trace/event_ring.h.
 */
#ifndef MPROC_POOL_TELLER_H
#define MPROC_POOL_TELLER_H

#include "base/function.h"
#include "pool/ring_layout.h"
#include "process/task.h"
#include "trace/event_ring.h"

struct teller {
    struct event_writer events;
    struct label_line *label;
    mproc_describe_fn *describe; /**< or NULL */
    bool hidden;                 /**< there are to be no previews */
};

/** describe: found already, or NULL if there is none, or it could not be found: then nothing is shown of what it was to
 * describe. */
void mproc__teller_begin(struct teller *teller, struct worker_area *area, any_function *describe);

/** Whether to tell of the next task. */
static inline bool teller_is_asked(const struct teller *teller)
{
    return event_is_wanted(&teller->events);
}

/** The task is about to run this function, which is NULL if it was not found, with this argument. Returns how many
 * ticks the program's own function took to describe that. */
int64_t mproc__teller_begun(struct teller *teller, const struct mproc_task *task, any_function *function,
                            mproc_view argument);
/** It has returned, with this value, or none. */
int64_t mproc__teller_ended(struct teller *teller, const struct mproc_task *task, any_function *function,
                            mproc_view value);

#endif
