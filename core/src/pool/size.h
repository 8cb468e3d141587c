/* How many workers a pool has: between its limits, as many as its tasks want. The pool's lock is held in all calls. */
#ifndef MPROC_POOL_SIZE_H
#define MPROC_POOL_SIZE_H

#include "pool/job.h"

/** 0 if a pool may have so many, of which 0 stands for a default; else the error. No lock is needed. */
int mproc__size_check(int min_workers, int workers);
/** The same of a new pool's options. No lock is needed. */
int mproc__size_check_options(const mproc_pool_options *options);
/** Fills in the defaults, and what a new pool begins with. */
int mproc__size_open(mproc_pool *pool);

/** The supervisor's look: more are wanted while tasks wait, and those that have been idle for long are sent off. */
void mproc__size_look(mproc_pool *pool);
/** When the next one will have been idle for long; INT64_MAX if none will. */
int64_t mproc__size_next_look(const mproc_pool *pool);
/** Whether there may come to be more workers. */
bool mproc__size_may_grow(const mproc_pool *pool);

/** As mproc_pool_resize, with numbers that were checked, of which workers is not 0. */
int mproc__size_set(mproc_pool *pool, int min_workers, int workers);

#endif
