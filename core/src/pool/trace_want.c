#include "pool/trace_want.h"
#include "pool/trace_hear.h"
#include <stdlib.h>

static struct trace *new_trace(void)
{
    struct trace *trace = calloc(1, sizeof *trace);
    if (trace == NULL)
        return NULL;
    trace->journal = mproc__trace_journal();
    trace->clock = trace_clock_now();
    return trace;
}

static void free_trace(struct trace *trace)
{
    if (trace == NULL)
        return;
    mproc__journal_free(trace->journal);
    for (int i = 0; i < POOL_MAX_WORKERS; i++)
        free(trace->workers[i]);
    free(trace);
}

void mproc__trace_link(const struct worker *worker)
{
    struct trace *trace = worker->pool->trace;
    if (worker->link == NULL)
        return;
    mproc__trace_forget(trace, worker);
    if (trace != NULL && trace_wants_detail(trace))
        mproc__trace_heard(trace, worker);
}

static uint32_t wants_of(const mproc_pool *pool)
{
    return pool->trace != NULL ? pool->trace->wants : 0;
}

static void begin_or_end(mproc_pool *pool, uint32_t wants)
{
    pool->listeners -= pool->trace != NULL;
    if (wants == 0) {
        free_trace(pool->trace);
        pool->trace = NULL;
    } else if (pool->trace == NULL) {
        pool->trace = new_trace();
    }
    pool->listeners += pool->trace != NULL;
}

void mproc__trace_want(mproc_pool *pool, uint32_t wants)
{
    uint32_t had = wants_of(pool);
    wants &= RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL;
    if (wants == had)
        return;
    if (had != 0)
        mproc__trace_end_losing(pool);
    begin_or_end(pool, wants);
    if (pool->trace != NULL)
        pool->trace->wants = wants;
    mproc__trace_set_gates(pool);
    if (((had ^ wants_of(pool)) & RECORD_WANTS_DETAIL) != 0)
        for (int i = 0; i < pool->worker_count; i++)
            mproc__trace_link(pool_worker(pool, i));
}

void mproc__trace_close(mproc_pool *pool)
{
    mproc__trace_want(pool, 0);
}
