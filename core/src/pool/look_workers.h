/* What a pool's workers are at this moment. The pool's lock is held. */
#ifndef MPROC_POOL_LOOK_WORKERS_H
#define MPROC_POOL_LOOK_WORKERS_H

#include "pool/look_room.h"

/** Asks the system about the workers, of a large pool about some: of the others it is their turn next. */
void mproc__look_measure(mproc_pool *pool);
/** Of so many places the next look tells. */
int mproc__look_places(const mproc_pool *pool);
/** A record of each place, and of each that the pool had at the last look and has no more: that nobody is there. */
void mproc__look_at_workers(struct look *look, mproc_pool *pool, const struct trace_clock *clock);

#endif
