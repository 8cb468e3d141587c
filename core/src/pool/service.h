/* One look after everything. */
#ifndef MPROC_POOL_SERVICE_H
#define MPROC_POOL_SERVICE_H

#include "pool/job.h"

/** Drains every worker, reaps the dead, sends what can be sent; returns whether anything happened. Lock held. */
bool mproc__pool_service(mproc_pool *pool);

#endif
