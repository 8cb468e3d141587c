/* Holding a pool's tasks back. The pool's lock is held in all calls. */
#ifndef MPROC_POOL_PAUSE_H
#define MPROC_POOL_PAUSE_H

#include "pool/pool.h"

/** Hands out nothing more, and takes back what no worker has begun. */
void mproc__pool_hold(mproc_pool *pool);
/** Hands out what waits. */
void mproc__pool_let_go(mproc_pool *pool);

#endif
