/* Several results at once: wait for the first or all, take them in order of completion. */
#include "base/deadline.h"
#include "base/error.h"
#include "base/ready.h"
#include "pool/await.h"
#include "pool/job.h"
#include "pool/job_table.h"
#include "pool/pool.h"
#include <stdlib.h>
#include <string.h>

/* With results of several pools one pool's bell is watched at a time, the others are looked at this often. */
#define SLICE_NS 5000000

struct waiting {
    struct job **jobs;
    size_t count;
    mproc_wait_for wait_for;
    size_t first_open; /**< all before it are done */
};

static int check_results(mproc_result *const *results, size_t count)
{
    if (count > INT32_MAX)
        return mproc__error(MPROC_E_LIMIT, "%zu results, at most %d", count, INT32_MAX);
    return mproc__check_room(results, "results", count);
}

static int find_all(mproc_result *const *results, size_t count, struct job **ret_tasks)
{
    int code;
    for (size_t i = 0; i < count; i++) {
        ret_tasks[i] = mproc__job_find(results[i], &code);
        if (ret_tasks[i] == NULL)
            return code;
    }
    return 0;
}

static bool is_failure(int code)
{
    return code < 0 && code != MPROC_E_CANCELLED;
}

static bool any_item_failed(const struct batch *batch)
{
    for (size_t i = 0; i < batch->failure_count; i++)
        if (is_failure(batch->failures[i].code))
            return true;
    for (size_t i = 0; batch->items != NULL && i < batch->count; i++)
        if (is_failure(batch->items[i]->code))
            return true;
    return false;
}

/* Of a task that is done. One that was cancelled has not failed, as in the reference; nor has a map because items of it
 * were cancelled, though that is its code if they come first. */
static bool has_failed(const struct job *job)
{
    return is_failure(job->code) || (job->code < 0 && job->extra.batch != NULL && any_item_failed(job->extra.batch));
}

static bool holds(void *argument)
{
    struct waiting *waiting = argument;
    while (waiting->first_open < waiting->count && mproc__job_is_done(waiting->jobs[waiting->first_open]))
        waiting->first_open++;
    if (waiting->first_open == waiting->count)
        return true;
    if (waiting->wait_for == MPROC_WAIT_FOR_ALL)
        return false;
    for (size_t i = 0; i < waiting->count; i++)
        if (mproc__job_is_done(waiting->jobs[i]) &&
            (waiting->wait_for == MPROC_WAIT_FOR_FIRST || has_failed(waiting->jobs[i])))
            return true;
    return false;
}

static bool single_pool(const struct waiting *waiting)
{
    for (size_t i = 1; i < waiting->count; i++)
        if (waiting->jobs[i]->pool != waiting->jobs[0]->pool)
            return false;
    return true;
}

static int wait_until_holds(struct waiting *waiting, int64_t deadline)
{
    bool single = single_pool(waiting);
    int code = 0;
    while (!holds(waiting)) {
        int64_t now = platform_now_ns(), until = deadline;
        if (!single && until > now + SLICE_NS)
            until = now + SLICE_NS;
        mproc_pool *pool = waiting->jobs[waiting->first_open]->pool;
        platform_mutex_lock(&pool->lock);
        code = mproc__pool_wait(pool, holds, waiting, until);
        platform_mutex_unlock(&pool->lock);
        if (code < 0 && (deadline == 0 || platform_now_ns() >= deadline) && !holds(waiting))
            return mproc__error(MPROC_E_TIMEOUT, "%zu results", waiting->count);
    }
    return 0;
}

static int count_ready(const struct waiting *waiting, bool *ret_ready)
{
    int ready = 0;
    for (size_t i = 0; i < waiting->count; i++) {
        bool done = mproc__job_is_done(waiting->jobs[i]);
        if (ret_ready != NULL)
            ret_ready[i] = done;
        ready += done;
    }
    return ready;
}

int mproc_wait_results(mproc_result *const *results, size_t count, mproc_wait_for wait_for, int64_t timeout_ms,
                       bool *ret_ready)
{
    if (wait_for < MPROC_WAIT_FOR_FIRST || wait_for > MPROC_WAIT_FOR_ALL)
        return mproc__error(MPROC_E_INVALID, "what to wait for");
    int code = check_results(results, count);
    if (code < 0 || count == 0)
        return code;
    struct waiting waiting = { .count = count, .wait_for = wait_for };
    waiting.jobs = malloc(count * sizeof *waiting.jobs);
    if (waiting.jobs == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu results", count);
    code = find_all(results, count, waiting.jobs);
    if (code == 0) {
        code = wait_until_holds(&waiting, mproc__deadline(timeout_ms));
        int ready = count_ready(&waiting, ret_ready);
        code = code < 0 ? code : ready;
    }
    free(waiting.jobs);
    return code;
}

/* ---- In order of completion ---- */

struct mproc_completed {
    uint32_t epoch;
    size_t open_count; /**< results not yet seen to be done, at the front of open */
    size_t batch_count, batch_next;
    mproc_result **open;
    mproc_result **batch; /**< seen to be done, in order, not yet handed out */
    struct job **jobs;    /**< scratch */
};

static int compare_handles(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t) * (mproc_result *const *)left, b = (uintptr_t) * (mproc_result *const *)right;
    return (a > b) - (a < b);
}

/* Copies the handles, each once. Their order is free: they are handed out in that of their completion. */
static size_t copy_once(mproc_result **copy, mproc_result *const *results, size_t count)
{
    size_t kept = 0;
    if (count == 0)
        return 0;
    memcpy(copy, results, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, compare_handles);
    for (size_t i = 1; i < count; i++)
        if (copy[i] != copy[kept])
            copy[++kept] = copy[i];
    return kept + 1;
}

int mproc_completed_create(mproc_completed **ret_completed, mproc_result *const *results, size_t count)
{
    if (ret_completed == NULL)
        return mproc__error_null("ret_completed");
    int code = check_results(results, count);
    for (size_t i = 0; code == 0 && i < count; i++)
        mproc__job_find(results[i], &code);
    if (code < 0)
        return code;
    struct mproc_completed *completed = calloc(1, sizeof *completed);
    size_t room = count > 0 ? count : 1;
    if (completed != NULL) {
        completed->epoch = mproc__process_epoch;
        completed->open = malloc(room * sizeof *completed->open);
        completed->batch = malloc(room * sizeof *completed->batch);
        completed->jobs = malloc(room * sizeof *completed->jobs);
    }
    if (completed == NULL || completed->open == NULL || completed->batch == NULL || completed->jobs == NULL) {
        mproc_completed_free(completed);
        return mproc__error(MPROC_E_NO_MEMORY, "%zu results", count);
    }
    completed->open_count = copy_once(completed->open, results, count);
    *ret_completed = completed;
    return 0;
}

struct ordered {
    uint64_t order;
    mproc_result *result;
};

static int compare_order(const void *left, const void *right)
{
    uint64_t a = ((const struct ordered *)left)->order, b = ((const struct ordered *)right)->order;
    return (a > b) - (a < b);
}

/* Moves what is done from open to batch, sorted: what completes later has a higher number, so order holds across
 * batches. */
static int collect(struct mproc_completed *completed)
{
    struct ordered *found = malloc(completed->open_count * sizeof *found);
    if (found == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%zu results", completed->open_count);
    size_t open = 0, count = 0;
    for (size_t i = 0; i < completed->open_count; i++) {
        struct job *job = completed->jobs[i];
        if (mproc__job_is_done(job))
            found[count++] = (struct ordered){ job->completed, completed->open[i] };
        else
            completed->open[open++] = completed->open[i];
    }
    qsort(found, count, sizeof *found, compare_order);
    for (size_t i = 0; i < count; i++)
        completed->batch[i] = found[i].result;
    free(found);
    completed->open_count = open;
    completed->batch_count = count;
    completed->batch_next = 0;
    return 0;
}

static int check_owner(const mproc_completed *completed)
{
    if (completed->epoch != mproc__process_epoch || platform_is_copy())
        return mproc__error(MPROC_E_WRONG_PROCESS, "an iteration is used by the process that made it");
    return 0;
}

int mproc_completed_next(mproc_completed *completed, int64_t timeout_ms, mproc_result **ret_result)
{
    if (completed == NULL)
        return mproc__error_null("completed");
    if (ret_result == NULL)
        return mproc__error_null("ret_result");
    int code = check_owner(completed);
    if (code < 0)
        return code;
    if (completed->batch_next == completed->batch_count) {
        if (completed->open_count == 0)
            return 0;
        struct waiting waiting = { .jobs = completed->jobs,
                                   .count = completed->open_count,
                                   .wait_for = MPROC_WAIT_FOR_FIRST };
        code = find_all(completed->open, completed->open_count, completed->jobs);
        if (code == 0)
            code = wait_until_holds(&waiting, mproc__deadline(timeout_ms));
        if (code == 0)
            code = collect(completed);
        if (code < 0)
            return code;
    }
    *ret_result = completed->batch[completed->batch_next++];
    return 1;
}

int mproc_completed_free(mproc_completed *completed)
{
    int code = completed != NULL ? check_owner(completed) : 0;
    if (code < 0 || completed == NULL)
        return code;
    free(completed->open);
    free(completed->batch);
    free(completed->jobs);
    free(completed);
    return 0;
}
