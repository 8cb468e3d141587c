/* What a task was submitted with that holds for it whatever becomes of it: how long it may run, how often it may be
 * tried again, when its turn comes. Parts of a map and tasks that are tried again have those of their first job, whole.
 */
#ifndef MPROC_POOL_TERMS_H
#define MPROC_POOL_TERMS_H

#include "process/task.h"
/* The macros of the same names record call sites of the program's, not of the library's own calls. */
#define MPROC_NO_CALL_SITES
#include <mproc/pool.h>

/** Of a priority, the least and the highest. */
#define JOB_PRIORITY_MIN (-31)
#define JOB_PRIORITY_MAX 31

struct job_terms {
    struct task_terms task; /**< which go with it to its worker */
    uint16_t retries;       /**< how often it may be tried again */
    int8_t priority;
};

/** 0 if a task of the pool may be given these options, or an error. What only some calls take is theirs to check. */
int mproc__terms_check(const mproc_pool *pool, const mproc_task_options *options);
/** The same for the options of many tasks, which handles of the system cannot go with. */
int mproc__terms_check_shared(const mproc_pool *pool, const mproc_task_options *options);
/** The terms that these options are, in such a pool. They were checked. */
struct job_terms mproc__terms(const mproc_pool_options *pool, const mproc_task_options *options);
/** Gives the pool those of its tasks that have no options. */
int mproc__terms_open(mproc_pool *pool);

#endif
