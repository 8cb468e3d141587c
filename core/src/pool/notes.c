#include "pool/notes.h"
#include "pool/accounts.h"
#include "pool/obituary.h"
#include "pool/trace_tasks.h"
#include "pool/trace_want.h"

/* ---- From when until when ---- */

int mproc__notes_open(mproc_pool *pool)
{
    return mproc__accounts_open(pool);
}

void mproc__notes_close(mproc_pool *pool)
{
    mproc__accounts_close(pool);
    mproc__trace_close(pool);
    mproc__obituaries_close(pool);
}

void mproc__notes_want(mproc_pool *pool, uint32_t wants)
{
    mproc__trace_want(pool, wants);
}

/* ---- Moments ---- */

void mproc__note_queued(const struct job *job)
{
    if (trace_is_on(job->pool))
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
            mproc__accounts_end(job, worker->verdict->code);
    }
    if (trace_is_on(worker->pool))
        mproc__trace_died(worker, job, index, again, text);
}

void mproc__note_ended(const struct job *job, int code, const char *message, bool passes)
{
    /* A chunk is part of its map, a batch is the sum of its calls. */
    bool is_counted = job->kind == JOB_KIND_CALL || job->kind == JOB_KIND_MAP;
    if (passes && trace_is_on(job->pool))
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
