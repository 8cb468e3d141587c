/* What who watches a pool may do to it. */
#ifndef MPROC_POOL_CONTROL_H
#define MPROC_POOL_CONTROL_H

#include "pool/pool.h"
#include "trace/record.h"

/** Does to the pool what the record says; as mproc__observe_control. The pool's lock is held. */
int mproc__pool_control(mproc_pool *pool, const struct record_control *control, uint64_t *ret_task);

#endif
