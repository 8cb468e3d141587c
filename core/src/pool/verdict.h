/* Why a worker ended. Whoever kills one says why, and the worker's account keeps it until the death is reported. */
#ifndef MPROC_POOL_VERDICT_H
#define MPROC_POOL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct link_end;
struct worker;

/** A reason to end a worker, and all that follows from it. One that a single file gives stands there; those that
 * several give or ask for are below. */
struct verdict {
    int code;           /**< the error of the task that it ran */
    const char *reason; /**< with worker.reason behind it; NULL: the worker's end says it all */
    bool is_expected;   /**< its end is in order: not counted as a death */
    bool is_counted;    /**< its death counts for the restart limit, which breaks the pool */
    bool may_retry;     /**< the task that it ran may be tried again: it need not end in the same way, and is wanted */
};

/** By itself, or by somebody else's hand. */
extern const struct verdict mproc__verdict_died;
/** Told to exit, or the pool is over: in order. */
extern const struct verdict mproc__verdict_not_wanted;
/** It was not ready in time. */
extern const struct verdict mproc__verdict_start_limit;
/** Its task was cancelled while it ran. */
extern const struct verdict mproc__verdict_cancelled;

/** Kills the worker and all that it has started, once. It gets no more jobs. A verdict that stands already is kept.
 * Lock held. */
void mproc__worker_kill(struct worker *worker, const struct verdict *verdict);

/** How the worker ended and why, in one sentence. */
void mproc__verdict_text(const struct worker *worker, const struct link_end *end, char *ret_text, size_t capacity);

#endif
