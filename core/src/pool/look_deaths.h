/* How a pool's workers have died. */
#ifndef MPROC_POOL_LOOK_DEATHS_H
#define MPROC_POOL_LOOK_DEATHS_H

#include "pool/look_room.h"

/** The deaths that were not told of, or all that are kept. The pool's lock is held. */
void mproc__look_at_deaths(struct look *look, mproc_pool *pool, bool all);

/** Finds out the stacks of those that were seen, which takes as long as it takes. No lock. */
void mproc__look_add_stacks(struct look *look);
/** They were told. */
void mproc__look_drop_stacks(struct look *look);

#endif
