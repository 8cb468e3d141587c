/* The kinds of workers that a pool may have: what each can be given, what it needs, and the table by which it is
 * reached. The one place that knows them by name: another kind is a table of link.h's, and a row here.
 */
#ifndef MPROC_POOL_KIND_H
#define MPROC_POOL_KIND_H

#include "pool/job.h"

/** 0, or why the options' kind is none, or cannot be given what they ask for. */
int mproc__kind_check(const mproc_pool_options *options);
/** Whether a worker of the options' kind, which was checked, can be killed. */
bool mproc__kind_can_kill(const mproc_pool_options *options);
/** 0, or why this process cannot have workers of the options' kind, which was checked, now. */
int mproc__kind_allowed(const mproc_pool_options *options);
/** Gives the pool the table of its kind, and what that fills in. */
int mproc__kind_open(mproc_pool *pool);
void mproc__kind_close(mproc_pool *pool);

#endif
