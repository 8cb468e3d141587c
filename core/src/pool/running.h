/* The pools of this process, so that one that is forgotten is told of at its end. */
#ifndef MPROC_POOL_RUNNING_H
#define MPROC_POOL_RUNNING_H

#include "pool/pool.h"
#include <stdint.h>

/** From here on it is logged if the process ends before the pool has. Returns 0 or MPROC_E_NO_MEMORY. */
int mproc__running_add(mproc_pool *pool);
/** The pool is being freed. Without its lock, which is taken under that of the list. */
void mproc__running_remove(mproc_pool *pool);

/** What those who watch want to be noted, of all shown pools, and of each that is added: see mproc__observe_want. */
void mproc__running_want(uint32_t wants);
/** Of the pools with a higher number than that the one with the lowest, whose lock the caller gives back; or NULL. */
mproc_pool *mproc__running_lock_next(uint32_t after);

/** In a forked child, before it has other threads: the parent's pools are none of its. */
void mproc__running_adopt(void);

#endif
