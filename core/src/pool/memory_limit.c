/* Measuring workers: see memory_limit.h. */
#include "pool/memory_limit.h"
#include "base/error.h"
#include "pool/collect.h"
#include "pool/flight.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/verdict.h"
#include <stdio.h>

/* To ask the system costs some 10 us a worker. */
#define MEASURE_NS 100000000

int mproc__memory_limit_check(const struct worker *worker)
{
    size_t most = worker->pool->options.max_worker_memory, bytes;
    if (most == 0)
        return 0;
    int code = link_memory(worker->link, &bytes);
    /* One that has died is the supervisor's to replace. */
    if (code < 0 && link_look(worker->link, LINK_ENDED))
        return 0;
    if (code < 0 || bytes <= most)
        return code;
    return mproc__error(MPROC_E_LIMIT, "max_worker_memory = %zu, and a worker has %zu bytes at its start", most, bytes);
}

static const struct verdict took_too_much = { .code = MPROC_E_LIMIT,
                                              .reason = "it took more memory than",
                                              .may_retry = true };

/* Jobs that it has not begun are not to be hit: it begins none after they were taken back. */
static void end_worker(struct worker *worker, size_t bytes)
{
    mproc__flight_take_back(worker, worker->in_flight);
    mproc__collect(worker);
    snprintf(worker->reason, sizeof worker->reason, "max_worker_memory = %zu, it had %zu bytes",
             worker->pool->options.max_worker_memory, bytes);
    mproc__worker_kill(worker, &took_too_much);
}

static bool is_wanted(const mproc_pool *pool)
{
    return pool->options.max_worker_memory > 0 && pool->in_flight > 0;
}

void mproc__memory_limit_look(mproc_pool *pool)
{
    if (!is_wanted(pool) || platform_now_ns() < pool->measure_at)
        return;
    struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1)) {
        size_t bytes;
        /* One that cannot be measured is about to be found dead. */
        if (!worker->killed && link_memory(worker->link, &bytes) == 0 && bytes > pool->options.max_worker_memory)
            end_worker(worker, bytes);
    }
    pool->measure_at = platform_now_ns() + MEASURE_NS;
}

int64_t mproc__memory_limit_next_look(const mproc_pool *pool)
{
    return is_wanted(pool) ? pool->measure_at : INT64_MAX;
}
