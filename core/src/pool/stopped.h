/* Workers that are stopped, by a signal or by the terminal in whose background they are: they are not dead, and their
 * tasks wait without anybody knowing why. So the log tells of them. */
#ifndef MPROC_POOL_STOPPED_H
#define MPROC_POOL_STOPPED_H

#include <mproc/pool.h>
#include <stdint.h>

/** Looks at the workers that have been at the same task since the last look, if it is time to. Lock held. */
void mproc__stopped_look(mproc_pool *pool);

/** When to look next; INT64_MAX while no worker has a task, or nobody reads the log. Lock held. */
int64_t mproc__stopped_next_look(const mproc_pool *pool);

#endif
