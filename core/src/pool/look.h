/* A look at a pool for those who watch it: what it is at this moment and what has happened since the last look, taken
 * under its lock and told without it. Each thing that there is to see has a file of its own: look_pool.h,
 * look_workers.h and so on.
 */
#ifndef MPROC_POOL_LOOK_H
#define MPROC_POOL_LOOK_H

#include "pool/look_room.h"

/** Takes a look, what being OBSERVE_... . The pool's lock is held. Without memory it sees nothing, and at the next look
 * what it has missed. */
void mproc__look_take(struct look *look, mproc_pool *pool, unsigned what);
/** Takes the last look at a pool that is being freed. False without memory. */
bool mproc__look_take_last(struct look *look, mproc_pool *pool);
/** Gives back what a look has that was told. */
void mproc__look_end(struct look *look);

#endif
