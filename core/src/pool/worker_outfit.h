/* What a pool's options say about the surroundings of its workers: CPUs, nice, environment, output. */
#ifndef MPROC_POOL_WORKER_OUTFIT_H
#define MPROC_POOL_WORKER_OUTFIT_H

#include "process/outfit.h"
#include <stdbool.h>
/* The macros of the same names record call sites of the program's, not of the library's own calls. */
#define MPROC_NO_CALL_SITES
#include <mproc/pool.h>

/** What a pool keeps of what its options pointed to. */
struct outfit_copies {
    int *cpus;
    char **environment;
    char *stdout_path, *stderr_path;
};

/** Whether the options ask for any of it. */
bool mproc__worker_outfit_wanted(const mproc_pool_options *options);
/** 0, or the error that names what is wrong. */
int mproc__worker_outfit_check(const mproc_pool_options *options);
/** Replaces what the pool's options point to by copies. 0 or MPROC_E_NO_MEMORY; close afterwards in any case. */
int mproc__worker_outfit_open(mproc_pool *pool);
void mproc__worker_outfit_close(mproc_pool *pool);
/** That of the worker with this index; it points into the options. */
struct child_outfit mproc__worker_outfit(const mproc_pool_options *options, int index);

#endif
