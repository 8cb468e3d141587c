/* What a pool's figures are at a moment, and what each of its workers is doing. Takes no longer for a pool in which
 * many tasks wait. The pool's lock is held in all calls.
 */
#ifndef MPROC_POOL_TOTALS_H
#define MPROC_POOL_TOTALS_H

#include "pool/pool.h"

mproc_pool_stats mproc__totals(const mproc_pool *pool);
/** running: whether it runs a task. */
mproc_worker_state mproc__totals_state(const struct worker *worker, bool running);

#endif
