/* Results and pools as elements of mproc_wait_any. Who waits looks at them, and before it sleeps on the activity word
 * it watches their pools: until it stops watching, each task that ends in one of them changes that word. So a pool that
 * nobody watches pays for a look at a number, under a lock that it has.
 */
#ifndef MPROC_POOL_WATCH_H
#define MPROC_POOL_WATCH_H

#include <mproc/pool.h>

/** 1 if it is ready, 0 if not, or the error. */
int mproc__result_look(mproc_result *result);
int mproc__pool_look(mproc_pool *pool);

/** The pool of a result; NULL if there is none: the next look tells why. */
mproc_pool *mproc__result_pool(mproc_result *result);

/** Watches a pool, which stays until it is not watched any more. To be followed by another look. */
void mproc__pool_watch(mproc_pool *pool);
void mproc__pool_unwatch(mproc_pool *pool);

#endif
