/* How much memory workers may have, as it is measured from outside: max_worker_memory. The pool's lock is held in all
 * calls but the first. */
#ifndef MPROC_POOL_MEMORY_LIMIT_H
#define MPROC_POOL_MEMORY_LIMIT_H

#include <mproc/pool.h>
#include <stdint.h>

struct worker;

/** Whether a worker that has just started is within the limit: 0; MPROC_E_LIMIT; or it cannot be measured. */
int mproc__memory_limit_check(const struct worker *worker);

/** Measures the workers that have tasks, if it is time to, and kills those that are over the limit. */
void mproc__memory_limit_look(mproc_pool *pool);

/** When to look next; INT64_MAX without a limit, and while no worker has a task. */
int64_t mproc__memory_limit_next_look(const mproc_pool *pool);

#endif
