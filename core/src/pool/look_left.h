/* The last looks at pools that were freed, until somebody fetches them. */
#ifndef MPROC_POOL_LOOK_LEFT_H
#define MPROC_POOL_LOOK_LEFT_H

#include "pool/look_room.h"

/** Takes the last look at a pool that is being freed, for mproc__look_last. The pool's lock is held. */
void mproc__look_leave(mproc_pool *pool);
/** The oldest of those that are left, which is the caller's to tell, to end and to free; or NULL. */
struct look *mproc__look_last(void);
/** Gives back all that are left. */
void mproc__look_drop_all(void);

/** In a forked child, before it has other threads. */
void mproc__look_adopt(void);

#endif
