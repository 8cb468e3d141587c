/* What who watches a pool may do to it. */
#ifndef MPROC_POOL_CONTROL_H
#define MPROC_POOL_CONTROL_H

#include "pool/job_search.h"
#include "trace/record.h"
#include <mproc/pool.h>

/** Does to the pool what the record says; as mproc__observe_control. Returns JOB_SEARCHES if it has to be called
 * again, with the same search, after the lock was given back for a moment. The pool's lock is held. */
int mproc__pool_control(mproc_pool *pool, const struct record_control *control, struct job_search *search,
                        uint64_t *ret_task);

#endif
