/* The pools of this process, so that one that is forgotten is told of at its end. */
#ifndef MPROC_POOL_RUNNING_H
#define MPROC_POOL_RUNNING_H

#include "pool/pool.h"

/** From here on the pool's end is waited for: if it has not come at the process's, that is logged. MPROC_E_NO_MEMORY. */
int mproc__running_add(mproc_pool *pool);
/** The pool is being freed. Without its lock, which is taken under that of the list. */
void mproc__running_remove(mproc_pool *pool);

/** In a forked child, before it has other threads: the parent's pools are none of its. */
void mproc__running_adopt(void);

#endif
