/* What a pool consists of beside jobs and links, a row each. Whatever else a pool is to do is a part more: files of its
 * own, its options, and a row in parts.c. What happens to tasks and workers, which some parts note, notes.h tells them.
 */
#ifndef MPROC_POOL_PARTS_H
#define MPROC_POOL_PARTS_H

#include "pool/job.h"

/** 0, or the error that names what is wrong with the options of a pool that is to be made. */
int mproc__parts_check(const mproc_pool_options *options);
/** Prepares a pool that has its options, and no worker yet. 0 or an error; close afterwards in any case. */
int mproc__parts_open(mproc_pool *pool);
/** Gives back what open has made, and what came later. No worker is there any more; results may live on. Lock held. */
void mproc__parts_close(mproc_pool *pool);

/** Does what is due by the clock: at each turn of the supervisor. Lock held, but it may be released meanwhile. */
void mproc__parts_look(mproc_pool *pool);
/** When to look next; INT64_MAX while nothing goes by the clock. After a look, lock held. */
int64_t mproc__parts_next_look(const mproc_pool *pool);

#endif
