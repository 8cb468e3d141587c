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
    if (trace != NULL) {
        free(trace->workers[worker->index]);
        trace->workers[worker->index] = NULL;
    }
    bool wants = trace != NULL && trace_wants_detail(trace);
    /* Before it begins to lose any. */
    if (wants)
        mproc__trace_heard(trace, worker);
    link_want_events(worker->link, wants);
}

void mproc__trace_want(mproc_pool *pool, uint32_t wants)
{
    bool had_detail = pool->trace != NULL && trace_wants_detail(pool->trace);
    wants &= RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL;
    if (wants == 0) {
        free_trace(pool->trace);
        pool->trace = NULL;
    } else if (pool->trace == NULL) {
        pool->trace = new_trace();
    }
    if (pool->trace != NULL)
        pool->trace->wants = wants;
    if (pool->trace != NULL && !trace_wants_detail(pool->trace))
        pool->trace->is_losing[RECORD_CLASS_DETAIL] = false;
    if (had_detail != (pool->trace != NULL && trace_wants_detail(pool->trace)))
        for (int i = 0; i < pool->worker_count; i++)
            mproc__trace_link(pool_worker(pool, i));
}

void mproc__trace_close(mproc_pool *pool)
{
    mproc__trace_want(pool, 0);
}
