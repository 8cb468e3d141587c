/* What workers wrote last to standard error, of a pool that is being freed: nobody comes by for it any more. */
#ifndef MPROC_POOL_LOOK_OUTPUT_H
#define MPROC_POOL_LOOK_OUTPUT_H

#include "pool/look_room.h"

/** Takes what was not told yet, as far as there is room; what has none is told as lost. The pool's lock is held. */
void mproc__look_at_output(struct look *look, mproc_pool *pool);

#endif
