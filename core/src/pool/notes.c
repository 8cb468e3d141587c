#include "pool/notes.h"
#include "pool/accounts.h"
#include "pool/obituary.h"
#include "pool/trace_tasks.h"
#include "pool/trace_want.h"
#include "pool/verdict.h"

void mproc__note_queued(const struct job *job)
{
    mproc__trace_queued(job);
}

void mproc__note_call(const struct worker *worker, const struct completion *completion)
{
    mproc__accounts_call(worker, completion);
}

void mproc__note_chunk(const struct worker *worker, const struct completion *completion)
{
    const struct job *chunk = completion->job;
    if (accounts_are_kept(worker->pool)) {
        mproc__accounts_items(chunk, chunk->extra.item_count);
        mproc__accounts_chunk(worker, completion);
    }
    if (trace_is_on(worker->pool))
        mproc__trace_chunk(worker, completion);
}

void mproc__note_finished(const struct worker *worker, const struct job *chunk, size_t count)
{
    if (accounts_are_kept(worker->pool))
        mproc__accounts_items(chunk, count);
    if (trace_is_on(worker->pool))
        mproc__trace_finished(worker, chunk, count);
}

void mproc__note_died(const struct worker *worker, const struct job *job, size_t index, bool again, const char *text)
{
    if (accounts_are_kept(worker->pool)) {
        mproc__accounts_death(job, again);
        if (!again && job->kind == JOB_KIND_CALL)
            mproc__accounts_end(job, mproc__verdict_code(worker->verdict));
    }
    if (trace_is_on(worker->pool))
        mproc__trace_died(worker, job, index, again, text);
}

void mproc__note_ended(const struct job *job, int code, const char *message, bool is_traced)
{
    /* A chunk is part of its map, a batch is the sum of its calls. */
    bool is_counted = job->kind == JOB_KIND_CALL || job->kind == JOB_KIND_MAP;
    if (is_traced)
        mproc__trace_ended(job, code, message);
    if (accounts_are_kept(job->pool) && is_counted)
        mproc__accounts_end(job, code);
}

void mproc__note_items(const struct job *map, const struct item_failure *failure, const char *message)
{
    if (trace_is_on(map->pool) && failure->worker < 0)
        mproc__trace_items(map, failure, message);
}

void mproc__note_started(const struct worker *worker)
{
    mproc__trace_link(worker);
    mproc__obituary_replaced(worker);
}
