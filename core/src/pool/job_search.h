/* How far somebody is who looks for a task among all of a pool, of which there may be a million. */
#ifndef MPROC_POOL_JOB_SEARCH_H
#define MPROC_POOL_JOB_SEARCH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/** The task is still being looked for: what is neither a code nor an error. */
#define JOB_SEARCHES INT_MAX

/** A way through the jobs of a pool, a part of it at a time: between two of them the lock may be given back, since no
 * job changes its place while it lasts. Begins as zeroes. */
struct job_search {
    bool is_begun;
    uint32_t slab; /**< where it goes on; 0 at the end */
};

static inline bool job_search_is_over(const struct job_search *search)
{
    return search->is_begun && search->slab == 0;
}

#endif
