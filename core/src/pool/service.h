/* One look after everything. */
#ifndef MPROC_POOL_SERVICE_H
#define MPROC_POOL_SERVICE_H

#include "pool/job.h"

/** Drains every worker, reaps the dead, sends what can be sent; returns whether anything happened. Lock held. */
bool mproc__pool_service(mproc_pool *pool);

/** Gives back what is left of workers that were reaped, unless a user thread may still look at it. Every service begins
 * with that: it takes a while, and who reaps has more urgent things to do. Lock held. */
void mproc__service_bury(mproc_pool *pool);

#endif
