/* What the program gives a pool to be run in its workers beside tasks: the initializer with its argument, the exit
 * hook, and what says in words what an argument is. */
#ifndef MPROC_POOL_HOOKS_H
#define MPROC_POOL_HOOKS_H

#include "pool/job.h"

int mproc__hooks_check(const mproc_pool_options *options);
/** Copies what the options point to, and finds the functions as workers of the pool's kind can. */
int mproc__hooks_open(mproc_pool *pool);
void mproc__hooks_close(mproc_pool *pool);

#endif
