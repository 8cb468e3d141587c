#include "pool/terms.h"
#include "base/error.h"
#include "pool/link.h"
#include "pool/pool.h"

#define NS_PER_MS INT64_C(1000000)
/* A longer limit, of a century and more, is none. */
#define LIMIT_MAX_MS (INT64_MAX / NS_PER_MS / 2)

/* What holds for a task: its own limit, or else the pool's; 0 if that is none. */
static int64_t effective_ms(int64_t own_ms, int64_t pool_ms)
{
    int64_t ms = own_ms != 0 ? own_ms : pool_ms;
    return ms < LIMIT_MAX_MS ? ms : 0;
}

static int check_limits(const mproc_pool *pool, const mproc_task_options *options)
{
    if (options->timeout_ms < 0 || options->soft_timeout_ms < 0)
        return mproc__error(MPROC_E_INVALID, "timeout_ms = %lld, soft_timeout_ms = %lld",
                            (long long)options->timeout_ms, (long long)options->soft_timeout_ms);
    int64_t hard = effective_ms(options->timeout_ms, pool->options.task_timeout_ms);
    int64_t soft = effective_ms(options->soft_timeout_ms, pool->options.task_soft_timeout_ms);
    if (hard > 0 && !pool->ops->can_kill)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "timeout_ms = %lld of a thread, which cannot be killed",
                            (long long)hard);
    if (hard > 0 && soft >= hard)
        return mproc__error(MPROC_E_INVALID,
                            "soft_timeout_ms = %lld is not below timeout_ms = %lld, each of the task or its pool",
                            (long long)soft, (long long)hard);
    return 0;
}

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
    return check_limits(pool, options);
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
        .limits.hard_ns = effective_ms(options->timeout_ms, pool->task_timeout_ms) * NS_PER_MS,
        .limits.soft_ns = effective_ms(options->soft_timeout_ms, pool->task_soft_timeout_ms) * NS_PER_MS,
        .retries = (uint16_t)options->retries,
        .priority = (int8_t)options->priority,
        .own_timeout = options->timeout_ms != 0,
    };
}

int mproc__terms_open(mproc_pool *pool)
{
    pool->terms = mproc__terms(&pool->options, &(mproc_task_options){ .retries = 0 });
    return 0;
}
