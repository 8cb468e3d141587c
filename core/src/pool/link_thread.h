/* Workers that are threads of this process. They use the rings of a process, in private memory: so a task works on
 * copies, and a thread that cannot be killed harms nobody when its pool is terminated under it. */
#ifndef MPROC_POOL_LINK_THREAD_H
#define MPROC_POOL_LINK_THREAD_H

#include "pool/link.h"

extern const struct link_ops mproc__thread_link_ops;

#endif
