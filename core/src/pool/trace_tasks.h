/* Which tasks come and how they end, noted while somebody watches. The pool's lock is held, and its trace is on. */
#ifndef MPROC_POOL_TRACE_TASKS_H
#define MPROC_POOL_TRACE_TASKS_H

#include "pool/trace.h"

/** It has been submitted. */
void mproc__trace_queued(const struct job *job);
/** A call, map or batch has ended, but for a call whose worker has died; its outcome is there but for code and message.
 */
void mproc__trace_ended(const struct job *job, int code, const char *message);
/** A chunk has been run to its end, and which of its items failed is still known. */
void mproc__trace_chunk(const struct worker *worker, const struct completion *completion);
/** The first items of a chunk had ended well when its worker died. */
void mproc__trace_finished(const struct worker *worker, const struct job *chunk, size_t count);
/** A worker has died, and a call with it, or of a chunk the item with that index; again: it is tried once more. */
void mproc__trace_died(const struct worker *worker, const struct job *job, size_t index, bool again, const char *text);
/** Items of a map have ended that were never run. */
void mproc__trace_items(const struct job *map, const struct item_failure *failure, const char *message);

#endif
