#include "pool/terms.h"
#include "base/error.h"
#include "pool/pool.h"
#include "pool/task_limit.h"

int mproc__terms_check(const mproc_pool *pool, const mproc_task_options *options)
{
    if (options->retries < 0)
        return mproc__error(MPROC_E_INVALID, "%d retries", options->retries);
    if (options->priority < JOB_PRIORITY_MIN || options->priority > JOB_PRIORITY_MAX)
        return mproc__error(MPROC_E_INVALID, "a priority of %d, from %d to %d are allowed", options->priority,
                            JOB_PRIORITY_MIN, JOB_PRIORITY_MAX);
    /* Attempts are counted from 1 in as many bits. */
    if (options->retries > UINT16_MAX - 1)
        return mproc__error(MPROC_E_LIMIT, "%d retries, at most %d", options->retries, UINT16_MAX - 1);
    return mproc__task_limit_check_task(pool, options);
}

int mproc__terms_check_shared(const mproc_pool *pool, const mproc_task_options *options)
{
    if (options->handle_count > 0)
        return mproc__error(MPROC_E_INVALID, "%zu handles: they go with single tasks only", options->handle_count);
    return mproc__terms_check(pool, options);
}

struct job_terms mproc__terms(const mproc_pool_options *pool, const mproc_task_options *options)
{
    return (struct job_terms){
        .task = mproc__task_limit_terms(pool, options),
        .retries = (uint16_t)options->retries,
        .priority = (int8_t)options->priority,
    };
}

int mproc__terms_open(mproc_pool *pool)
{
    pool->terms = mproc__terms(&pool->options, &(mproc_task_options){ .retries = 0 });
    return 0;
}
