/* How tasks end: the one place where an outcome is written, counted and told to whoever waits. */
#include "pool/pool_types.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t completions;

static void keep_failure(struct task *task, int code, const char *message, int64_t exit_code)
{
    struct failure *failure = malloc(sizeof *failure);
    /* Without memory the code still gets through, and its text with it. */
    if (failure == NULL)
        return;
    snprintf(failure->message, sizeof failure->message, "%s",
             message != NULL && message[0] != '\0' ? message : mproc_error_text(code));
    failure->exit_code = exit_code;
    task->failure = failure;
}

static void count_end(const struct task *task, int code)
{
    mproc_pool *pool = task->pool;
    pool->outstanding--;
    /* A chunk is part of its map, a batch is the sum of its calls. */
    if (task->kind == KIND_CHUNK || task->kind == KIND_BATCH)
        return;
    if (code == 0)
        pool->stats.succeeded++;
    else if (code == MPROC_E_CANCELLED)
        pool->stats.cancelled++;
    else
        pool->stats.failed++;
}

static bool has_calls(const struct task *task)
{
    return task->call.on_done != NULL || task->call.on_error != NULL || task->more_calls != NULL;
}

static void batch_item_done(struct task *batch_task, const struct task *item)
{
    struct batch *batch = batch_task->batch;
    if (item->code < 0 && (batch_task->code == 0 || item->item < batch_task->item)) {
        batch_task->code = item->code;
        batch_task->item = item->item;
    }
    if (--batch->remaining > 0)
        return;
    const struct task *first = batch_task->code < 0 ? batch->items[batch_task->item] : NULL;
    mproc__task_finish(batch_task, batch_task->code, first != NULL && first->failure ? first->failure->message : NULL,
                       first != NULL && first->failure ? first->failure->exit_code : 0);
}

void mproc__task_finish(struct task *task, int code, const char *message, int64_t exit_code)
{
    mproc_pool *pool = task->pool;
    if (code < 0)
        keep_failure(task, code, message, exit_code);
    atomic_store_explicit(&task->code, code, memory_order_relaxed);
    mproc__task_drop_argument(task);
    task->completed = atomic_fetch_add_explicit(&completions, 1, memory_order_relaxed);
    count_end(task, code);
    bool calls = has_calls(task);
    /* Before DONE can be seen: whoever sees it may free the task, and must find it still wanted. */
    task->queued_calls = calls;
    struct task *group = task->group;
    bool free_now = !task->owned && !calls;
    /* Release: pairs with the acquire of readers that ask without the lock whether the result is ready. */
    atomic_store_explicit(&task->state, TASK_DONE, memory_order_release);
    if (task->iter != NULL)
        mproc__iter_task_done(task);
    if (group != NULL && task->kind == KIND_CALL)
        batch_item_done(group, task);
    if (calls)
        mproc__calls_queue(task);
    if (free_now)
        mproc__task_free(task);
    mproc__pool_tell_waiters(pool);
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

void mproc__map_failed(struct task *map, const struct item_failure *failure, const char *message)
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

static void finish_map(struct task *map)
{
    struct batch *batch = map->batch;
    if (batch->failure_count > 0) {
        qsort(batch->failures, batch->failure_count, sizeof *batch->failures, compare_failures);
        const struct item_failure *first = &batch->failures[0];
        map->pid = first->pid;
        map->worker = first->worker;
        map->item = first->item;
        mproc__task_finish(map, first->code, first->message, first->exit_code);
    } else if (batch->failures_lost) {
        mproc__task_finish(map, MPROC_E_NO_MEMORY, "items failed, and there was no memory to keep their errors", 0);
    } else {
        mproc__task_finish(map, 0, NULL, 0);
    }
}

void mproc__map_items_finished(struct task *map, size_t count)
{
    map->batch->remaining -= count;
    if (map->batch->remaining == 0)
        finish_map(map);
}
