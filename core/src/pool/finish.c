/* How tasks end: the one place where an outcome is written, counted and told to whoever waits. */
#include "base/error.h"
#include "pool/pool_types.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t completions;

static void keep_failure(struct job *job, int code, const char *message, int64_t exit_code)
{
    struct failure *failure = malloc(sizeof *failure);
    /* Without memory the code still gets through, and its text with it. */
    if (failure == NULL)
        return;
    snprintf(failure->message, sizeof failure->message, "%s",
             message != NULL && message[0] != '\0' ? message : mproc_error_text(code));
    failure->exit_code = exit_code;
    job->failure = failure;
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

static bool has_callbacks(const struct job *job)
{
    return job->callback.on_done != NULL || job->callback.on_error != NULL || job->more_callbacks != NULL;
}

static void batch_item_done(struct job *group, const struct job *item)
{
    struct batch *batch = group->batch;
    if (item->code < 0 && (group->code == 0 || item->item < group->item)) {
        group->code = item->code;
        group->item = item->item;
    }
    if (--batch->remaining > 0)
        return;
    const struct job *first = group->code < 0 ? batch->items[group->item] : NULL;
    mproc__job_finish(group, group->code, first != NULL && first->failure ? first->failure->message : NULL,
                      first != NULL && first->failure ? first->failure->exit_code : 0);
}

void mproc__job_finish(struct job *job, int code, const char *message, int64_t exit_code)
{
    mproc_pool *pool = job->pool;
    if (code < 0)
        keep_failure(job, code, message, exit_code);
    atomic_store_explicit(&job->code, code, memory_order_relaxed);
    mproc__job_drop_argument(job);
    job->completed = atomic_fetch_add_explicit(&completions, 1, memory_order_relaxed);
    count_end(job, code);
    bool calls = has_callbacks(job);
    /* Before DONE can be seen: whoever sees it may free the task, and must find it still wanted. */
    job->callback_queued = calls;
    struct job *group = job->group;
    bool free_now = !job->owned && !calls;
    /* Release: pairs with the acquire of readers that ask without the lock whether the result is ready. */
    atomic_store_explicit(&job->state, JOB_DONE, memory_order_release);
    if (job->iter != NULL)
        mproc__iter_job_done(job);
    if (group != NULL && job->kind == JOB_KIND_CALL)
        batch_item_done(group, job);
    if (calls)
        mproc__callback_queue(job);
    if (free_now)
        mproc__job_free(job);
    mproc__bell_tell_waiters(pool);
}

static struct item_failure *new_item_failure(struct batch *batch)
{
    if (batch->failure_count == batch->failure_capacity) {
        size_t capacity = batch->failure_capacity == 0 ? 16 : 2 * batch->failure_capacity;
        struct item_failure *failures = realloc(batch->failures, capacity * sizeof *failures);
        if (failures == NULL)
            return NULL;
        batch->failures = failures;
        batch->failure_capacity = capacity;
    }
    return &batch->failures[batch->failure_count++];
}

void mproc__map_failed(struct job *map, const struct item_failure *failure, const char *message)
{
    struct item_failure *kept = new_item_failure(map->batch);
    if (kept == NULL) {
        map->batch->failures_lost = true;
        return;
    }
    *kept = *failure;
    snprintf(kept->message, sizeof kept->message, "%s", message);
}

static int compare_failures(const void *left, const void *right)
{
    size_t a = ((const struct item_failure *)left)->item, b = ((const struct item_failure *)right)->item;
    return (a > b) - (a < b);
}

static void finish_map(struct job *map)
{
    struct batch *batch = map->batch;
    if (batch->failure_count > 0) {
        qsort(batch->failures, batch->failure_count, sizeof *batch->failures, compare_failures);
        const struct item_failure *first = &batch->failures[0];
        map->pid = first->pid;
        map->worker = first->worker;
        map->item = first->item;
        mproc__job_finish(map, first->code, first->message, first->exit_code);
    } else if (batch->failures_lost) {
        mproc__job_finish(map, MPROC_E_NO_MEMORY, "items failed, and there was no memory to keep their errors", 0);
    } else {
        mproc__job_finish(map, 0, NULL, 0);
    }
}

void mproc__map_items_finished(struct job *map, size_t count)
{
    map->batch->remaining -= count;
    if (map->batch->remaining == 0)
        finish_map(map);
}
