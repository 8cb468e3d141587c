/* What a pool is at the moment, and how long it is kept. */
#ifndef MPROC_POOL_STATE_H
#define MPROC_POOL_STATE_H

#include "pool/job.h"

/** 0, or MPROC_E_WRONG_PROCESS / MPROC_E_INVALID. */
int mproc__pool_check(const mproc_pool *pool);
/** 0 if tasks may be submitted. Lock held. */
int mproc__pool_open_check(mproc_pool *pool);
/** Sets cpus, unless it is. It reads a handful of files, some 60 us, for which there is time while workers are made. */
void mproc__pool_count_cpus(mproc_pool *pool);
/** Whether a worker that is missing has to be replaced. */
bool mproc__pool_needs_workers(const mproc_pool *pool);
/** Whether the pool is over at once, terminated or broken: its workers are killed, and with them what they started. */
bool mproc__pool_is_cut_short(const mproc_pool *pool);
/** Frees the pool if that was the last reference. */
void mproc__pool_unlock(mproc_pool *pool);
/** What is left of a pool that nobody refers to. */
void mproc__pool_free(mproc_pool *pool);

#endif
