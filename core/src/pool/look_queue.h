/* Which tasks wait first in a pool, and with what: of those that were queued before anybody looked nobody tells else,
 * and what a task was called with is not told when it is queued. The pool's lock is held.
 */
#ifndef MPROC_POOL_LOOK_QUEUE_H
#define MPROC_POOL_LOOK_QUEUE_H

#include "pool/look_room.h"

/** So many at the front of the queue are looked at. */
#define LOOK_QUEUE_MAX 256u

/** What all of them take in a look, while somebody wants to know; else 0. */
size_t mproc__look_queue_size(const mproc_pool *pool);

/** Tells of those that have waited since before the last look, each once: what does not wait for so long is told of
 * when it begins. all: of the others and of those that were told of, too. */
void mproc__look_at_queue(struct look *look, const mproc_pool *pool, const struct trace_clock *clock, bool all);

#endif
