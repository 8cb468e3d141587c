/* The supervisor: the pool's own thread. */
#ifndef MPROC_POOL_SUPERVISOR_H
#define MPROC_POOL_SUPERVISOR_H

void mproc__supervisor_main(void *pool);

#endif
