/* Why a worker ended. Whoever kills one says why, and the worker's account keeps it until the death is reported. */
#ifndef MPROC_POOL_VERDICT_H
#define MPROC_POOL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct link_end;
struct worker;

enum verdict {
    VERDICT_DIED = 0,      /**< by itself, or by somebody else's hand */
    VERDICT_NOT_WANTED,    /**< told to exit, or the pool is over: in order */
    VERDICT_START_LIMIT,   /**< it was not ready in time */
    VERDICT_TIME_LIMIT,    /**< its task took too long */
    VERDICT_MEMORY_LIMIT,  /**< it took too much memory */
    VERDICT_CANCELLED,     /**< its task was cancelled while it ran */
    VERDICT_BY_HAND,       /**< somebody who watches the pool wanted it */
    VERDICT_BROKE_PROTOCOL /**< what it wrote made no sense */
};

/** Kills the worker and all that it has started, once. It gets no more jobs. A verdict that stands already is kept.
 * Lock held. */
void mproc__worker_kill(struct worker *worker, enum verdict verdict);

/** Whether its end is in order: not counted as a death. */
bool mproc__verdict_is_expected(enum verdict verdict);

/** Whether its death counts for the restart limit, which breaks the pool. */
bool mproc__verdict_is_counted(enum verdict verdict);

/** Whether the task that it ran may be tried again: false if it would end in the same way, or is not wanted. */
bool mproc__verdict_may_retry(enum verdict verdict);

/** The error of the task that it ran. */
int mproc__verdict_code(enum verdict verdict);

/** How the worker ended and why, in one sentence. */
void mproc__verdict_text(const struct worker *worker, const struct link_end *end, char *ret_text, size_t capacity);

#endif
