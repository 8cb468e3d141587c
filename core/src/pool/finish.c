/* How tasks end: the one place where an outcome is written, counted and told to whoever waits. */
#include "pool/finish.h"
#include "pool/bell.h"
#include "pool/callback.h"
#include "pool/failed.h"
#include "pool/job.h"
#include "pool/job_handles.h"
#include "pool/job_table.h"
#include "pool/map_list.h"
#include "pool/notes.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "pool/state.h"
#include <stdio.h>
#include <stdlib.h>

static _Atomic uint64_t completions;

static void keep_failure(struct job *job, int code, const char *message, int64_t exit_code, struct remains *remains)
{
    struct failure *failure = malloc(sizeof *failure);
    /* Without memory the code still gets through, and its text with it. */
    if (failure == NULL)
        return;
    snprintf(failure->message, sizeof failure->message, "%s",
             message != NULL && message[0] != '\0' ? message : mproc_error_text(code));
    failure->exit_code = exit_code;
    failure->remains = mproc__remains_hold(remains);
    job_extra(job)->failure = failure;
}

/* What was cancelled, or ended with its pool, has not failed. */
static bool has_failed(const struct job *job, int code)
{
    return code != MPROC_E_CANCELLED && !mproc__pool_is_cut_short(job->pool);
}

static void count_end(const struct job *job, int code)
{
    mproc_pool *pool = job->pool;
    pool->outstanding--;
    /* A chunk is part of its map, a batch is the sum of its calls. */
    if (job->kind == JOB_KIND_CHUNK || job->kind == JOB_KIND_BATCH)
        return;
    if (code == 0)
        pool->stats.succeeded++;
    else if (code == MPROC_E_CANCELLED)
        pool->stats.cancelled++;
    else
        pool->stats.failed++;
}

/* Before the end can be seen: who waits for the task finds what the pool had of them closed. */
static void drop_handles(struct job *job)
{
    mproc__job_handles_put(job->extra.handles);
    job_extra(job)->handles = NULL;
    job->pool->with_handles--;
}

void mproc__job_finish(struct job *job, int code, const char *message, int64_t exit_code)
{
    note_ended(job, code, message);
    mproc__job_finish_with(job, code, message, exit_code, NULL);
}

void mproc__job_finish_with(struct job *job, int code, const char *message, int64_t exit_code, struct remains *remains)
{
    mproc_pool *pool = job->pool;
    if (code < 0) {
        keep_failure(job, code, message, exit_code, remains);
        if (has_failed(job, code))
            mproc__failed_keep(job);
    }
    atomic_store_explicit(&job->code, code, memory_order_relaxed);
    job_drop_argument(job);
    if (job_handles(job) != NULL)
        drop_handles(job);
    job->completed = atomic_fetch_add_explicit(&completions, 1, memory_order_relaxed);
    count_end(job, code);
    map_list_remove(job);
    bool calls = callback_wanted(job);
    /* Before DONE can be seen: whoever sees it may free the task, and must find it still wanted. */
    job->callback_queued = calls;
    bool free_now = !job->owned && !calls;
    /* Release: pairs with the acquire of readers that ask without the lock whether the result is ready. */
    job_move(job, JOB_DONE, memory_order_release);
    if (job->has_extra && job->extra.ended != NULL)
        job->extra.ended(job);
    if (calls)
        mproc__callback_queue(job);
    if (free_now)
        mproc__job_free(job);
    mproc__bell_tell_waiters(pool);
}
