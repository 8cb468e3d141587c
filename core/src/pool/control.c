#include "pool/control.h"
#include "base/error.h"
#include "pool/bell.h"
#include "pool/cancel.h"
#include "pool/collect.h"
#include "pool/failed.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/job_table.h"
#include "pool/link.h"
#include "pool/pause.h"
#include "pool/service.h"
#include "pool/size.h"
#include "pool/staff.h"
#include "pool/state.h"
#include "pool/submit.h"
#include "pool/verdict.h"

/* ---- Workers ---- */

static struct worker *find_worker(const mproc_pool *pool, const struct record_control *control)
{
    int64_t index = control->worker;
    if (index >= 0 && index < pool->worker_count && pool_worker(pool, (int)index)->link != NULL)
        return pool_worker(pool, (int)index);
    mproc__error(MPROC_E_NOT_FOUND, "%s has no worker %lld at the moment", pool->name, (long long)index);
    return NULL;
}

static int restart(mproc_pool *pool, const struct record_control *control)
{
    struct worker *worker = find_worker(pool, control);
    if (worker == NULL)
        return MPROC_E_NOT_FOUND;
    mproc__staff_retire(worker);
    mproc__pool_service(pool);
    mproc__bell_wake(&pool->shared->supervisor_bell);
    return 0;
}

/* It does not count for the restart limit: the hand that does it is not the fault's. */
static const struct verdict by_hand = { .code = MPROC_E_WORKER_DIED,
                                        .reason = "by a monitor's request",
                                        .may_retry = true };

/* Jobs that it has not begun are not to be hit. */
static int end_worker(mproc_pool *pool, const struct record_control *control)
{
    struct worker *worker = find_worker(pool, control);
    if (worker == NULL)
        return MPROC_E_NOT_FOUND;
    if (!pool->ops->can_kill)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "%s has threads, which cannot be killed", pool->name);
    mproc__flight_take_back(worker, worker->in_flight);
    mproc__collect(worker);
    mproc__worker_kill(worker, &by_hand);
    return 0;
}

/* ---- Tasks ---- */

/* It may be nobody's, and would be gone with its end, before we are through with it. Returns what it was before. */
static bool hold(struct job *job)
{
    bool owned = job->owned;
    job->owned = true;
    return owned;
}

static void let_go(struct job *job, bool owned)
{
    job->owned = owned;
    if (!owned && mproc__job_is_done(job) && !job->callback_queued)
        mproc__job_free(job);
}

static int end_job(struct job *job)
{
    bool owned = hold(job);
    int code = mproc__job_end(job, true);
    let_go(job, owned);
    return code;
}

static int cancel(mproc_pool *pool, uint64_t task, struct job_search *search)
{
    mproc__pool_service(pool);
    struct job *job = mproc__job_search(pool, task, search);
    if (job != NULL)
        return end_job(job);
    if (!job_search_is_over(search))
        return JOB_SEARCHES;
    return mproc__error(MPROC_E_NOT_FOUND, "%s has no task %llu that waits or runs", pool->name,
                        (unsigned long long)task);
}

/* It is not kept, since it has not ended or nothing is known of it. */
static int refuse_retry(const mproc_pool *pool, uint64_t task, struct job_search *search)
{
    if (mproc__job_search(pool, task, search) != NULL)
        return mproc__error(MPROC_E_STATE, "task %llu has not ended", (unsigned long long)task);
    return job_search_is_over(search) ? 0 : JOB_SEARCHES;
}

/* Who watches does not wait for room in the queue. */
static int check_retry(mproc_pool *pool, uint64_t task, struct job_search *search)
{
    int code = mproc__pool_open_check(pool);
    if (code == 0 && !mproc__failed_has(pool, task))
        code = refuse_retry(pool, task, search);
    if (code == 0 && pool->options.max_queued != 0 && pool->pending_count >= pool->options.max_queued)
        code = mproc__error(MPROC_E_FULL, "%s has %zu tasks waiting, its limit", pool->name, pool->options.max_queued);
    return code;
}

static int retry(mproc_pool *pool, uint64_t task, struct job_search *search, uint64_t *ret_task)
{
    struct job *job;
    mproc__pool_service(pool);
    int code = check_retry(pool, task, search);
    if (code != 0)
        return code;
    code = mproc__failed_take(pool, task, &job);
    if (code < 0)
        return code;
    hold(job);
    mproc__job_submit(job);
    *ret_task = job->number;
    let_go(job, false);
    return 0;
}

/* ---- The pool ---- */

/* A pool that keeps as many as there may be at most goes on doing so. */
static int resize(mproc_pool *pool, const struct record_control *control)
{
    const mproc_pool_options *options = &pool->options;
    if (control->number < 1 || control->number > POOL_MAX_WORKERS)
        return mproc__error(MPROC_E_INVALID, "%lld workers, from 1 to %d", (long long)control->number,
                            POOL_MAX_WORKERS);
    int workers = (int)control->number, least = options->min_workers < options->workers ? options->min_workers : 0;
    return mproc__size_set(pool, least < workers ? least : 0, workers);
}

static int obey(mproc_pool *pool, const struct record_control *control, struct job_search *search, uint64_t *ret_task)
{
    switch (control->verb) {
    case RECORD_VERB_PAUSE:
        mproc__pool_hold(pool);
        return 0;
    case RECORD_VERB_RESUME:
        mproc__pool_let_go(pool);
        return 0;
    case RECORD_VERB_RESIZE:
        return resize(pool, control);
    case RECORD_VERB_RESTART_WORKER:
        return restart(pool, control);
    case RECORD_VERB_KILL_WORKER:
        return end_worker(pool, control);
    case RECORD_VERB_CANCEL_TASK:
        return cancel(pool, control->task, search);
    case RECORD_VERB_RETRY_TASK:
        return retry(pool, control->task, search, ret_task);
    default:
        return mproc__error(MPROC_E_INVALID, "verb %u of a monitor", control->verb);
    }
}

int mproc__pool_control(mproc_pool *pool, const struct record_control *control, struct job_search *search,
                        uint64_t *ret_task)
{
    if (pool->options.monitor_control == 0)
        return mproc__error(MPROC_E_STATE, "%s was made without .monitor_control", pool->name);
    return obey(pool, control, search, ret_task);
}
