/* Which of a pool's maps are under way, and how far. The pool's lock is held. */
#ifndef MPROC_POOL_LOOK_MAPS_H
#define MPROC_POOL_LOOK_MAPS_H

#include "pool/look_room.h"

/** Of maps that are told of: of those that are under way the ones that came first, so that one that was told of is told
 * of until it ends. */
#define LOOK_MAPS_MAX 64u

void mproc__look_at_maps(struct look *look, const mproc_pool *pool, const struct trace_clock *clock);

#endif
