/* What a worker tells whoever watches its pool, beside what the pool sees for itself: that a task has begun, what its
 * argument and its value are, what it is called. Written to memory that outlives the worker; see trace/event_ring.h.
 */
#ifndef MPROC_POOL_TELLER_H
#define MPROC_POOL_TELLER_H

#include "pool/annex.h"

/** Its memory is a struct teller_area. */
extern const struct annex mproc__teller_annex;

#endif
