/* Results, as their holders ask for them. */
#include "base/deadline.h"
#include "base/error.h"
#include "pool/pool_types.h"
#include "pool/ring.h"
#include <stdlib.h>
#include <string.h>

bool mproc__task_is_done(const struct task *task)
{
    /* Acquire: pairs with the release in mproc__task_finish; the outcome may be read without the lock then. */
    return atomic_load_explicit(&task->state, memory_order_acquire) == TASK_DONE;
}

static bool is_done(void *argument)
{
    return mproc__task_is_done(argument);
}

static int wait_task(struct task *task, int64_t timeout_ms)
{
    mproc_pool *pool = task->pool;
    if (mproc__task_is_done(task))
        return 0;
    int64_t deadline = mproc__deadline(timeout_ms);
    platform_mutex_lock(&pool->lock);
    int code = mproc__pool_wait(pool, is_done, task, deadline);
    platform_mutex_unlock(&pool->lock);
    return code < 0 ? mproc__error(code, "task %llu is not done", (unsigned long long)task->number) : 0;
}

int mproc_result_wait(mproc_result *result, int64_t timeout_ms)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    return task == NULL ? code : wait_task(task, timeout_ms);
}

static int task_error(const struct task *task, int code)
{
    return mproc__error_text(code, task->failure != NULL ? task->failure->message : mproc_error_text(code));
}

int mproc_result_get(mproc_result *result, void *ret_value, size_t size, int64_t timeout_ms)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    code = wait_task(task, timeout_ms);
    if (code < 0)
        return code;
    code = atomic_load_explicit(&task->code, memory_order_acquire);
    if (code < 0)
        return task_error(task, code);
    if (ret_value == NULL && size == 0)
        return 0;
    if (task->value_size != size)
        return mproc__error(MPROC_E_SIZE, "the value has %zu bytes, %zu were asked for", task->value_size, size);
    if (size > 0)
        memcpy(ret_value, task->value, size);
    return 0;
}

int mproc_result_outcome(mproc_result *result, mproc_outcome *ret_outcome, int64_t timeout_ms)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    code = wait_task(task, timeout_ms);
    if (code == 0)
        mproc__task_outcome(task, ret_outcome);
    return code;
}

/* ---- Items ---- */

static size_t count_of(const struct task *task)
{
    return task->batch != NULL ? task->batch->count : 1;
}

static const struct item_failure *find_failure(const struct batch *batch, size_t index)
{
    size_t low = 0, high = batch->failure_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (batch->failures[middle].item + batch->failures[middle].count <= index)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < batch->failure_count && batch->failures[low].item <= index;
    return found ? &batch->failures[low] : NULL;
}

static void map_item_outcome(const struct task *map, size_t index, mproc_outcome *ret_outcome)
{
    const struct batch *batch = map->batch;
    const struct item_failure *failure = find_failure(batch, index);
    mproc__task_outcome(map, ret_outcome);
    ret_outcome->item = (int64_t)index;
    ret_outcome->code = 0;
    ret_outcome->message = "";
    ret_outcome->exit_code = 0;
    ret_outcome->pid = 0;
    ret_outcome->worker = -1;
    ret_outcome->value =
        (mproc_view){ batch->out_size > 0 ? batch->out + index * batch->out_size : NULL, batch->out_size };
    if (failure == NULL)
        return;
    ret_outcome->code = failure->code;
    ret_outcome->message = failure->message;
    ret_outcome->pid = failure->pid;
    ret_outcome->worker = failure->worker;
    ret_outcome->exit_code = failure->exit_code;
    ret_outcome->value = (mproc_view){ NULL, 0 };
}

int mproc_result_item(mproc_result *result, size_t index, mproc_outcome *ret_outcome)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    if (!mproc__task_is_done(task))
        return mproc__error(MPROC_E_NOT_READY, "task %llu", (unsigned long long)task->number);
    if (index >= count_of(task))
        return mproc__error(MPROC_E_LIMIT, "item %zu of %zu", index, count_of(task));
    if (task->kind == KIND_MAP)
        map_item_outcome(task, index, ret_outcome);
    else
        mproc__task_outcome(task->kind == KIND_BATCH ? task->batch->items[index] : task, ret_outcome);
    return 0;
}

int mproc_result_count(mproc_result *result, size_t *ret_count)
{
    int code;
    const struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    *ret_count = count_of(task);
    return 0;
}

/* ---- Asking ---- */

static bool look(struct task *task)
{
    if (mproc__task_is_done(task))
        return true;
    mproc_pool *pool = task->pool;
    platform_mutex_lock(&pool->lock);
    pool->attended++;
    mproc__pool_service(pool);
    platform_mutex_unlock(&pool->lock);
    return mproc__task_is_done(task);
}

int mproc_result_ready(mproc_result *result)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    return task == NULL ? code : look(task);
}

int mproc_result_successful(mproc_result *result)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    if (!look(task))
        return mproc__error(MPROC_E_NOT_READY, "task %llu", (unsigned long long)task->number);
    return atomic_load_explicit(&task->code, memory_order_acquire) == 0;
}

/* ---- Cancelling ---- */

static const char cancelled_text[] = "the task was cancelled before it started";

static void cancel_items(struct task *map, size_t first, size_t count)
{
    mproc__map_failed(map,
                      &(struct item_failure){ .item = first, .count = count, .code = MPROC_E_CANCELLED, .worker = -1 },
                      cancelled_text);
    mproc__map_items_finished(map, count);
}

static bool withdraw(struct task *task)
{
    mproc_pool *pool = task->pool;
    if (atomic_load_explicit(&task->state, memory_order_relaxed) == TASK_SENT)
        return mproc__link_recall(&pool->links[task->worker], task);
    mproc__queue_remove(&pool->pending, task);
    pool->pending_count--;
    return true;
}

bool mproc__task_cancel(struct task *task)
{
    if (!withdraw(task))
        return false;
    if (task->kind == KIND_CHUNK) {
        struct task *map = task->group;
        size_t first = task->item, count = task->item_count;
        mproc__task_finish(task, 0, NULL, 0);
        cancel_items(map, first, count);
    } else {
        mproc__task_finish(task, MPROC_E_CANCELLED, cancelled_text, 0);
    }
    return true;
}

/* The chunks of a map that are under way, queued or in a ring. One item is kept back in remaining, so that the map does
 * not end, and go, before we are through. */
static void cancel_map(struct task *map)
{
    mproc_pool *pool = map->pool;
    struct batch *batch = map->batch;
    batch->remaining++;
    for (struct task *task = pool->pending.head, *next; task != NULL; task = next) {
        next = task->next;
        if (task->kind == KIND_CHUNK && task->group == map)
            mproc__task_cancel(task);
    }
    for (int i = 0; i < pool->options.workers; i++) {
        for (size_t cell = 0; cell < RING_SUBMIT_CELLS; cell++) {
            struct task *task = pool->links[i].tasks[cell];
            if (task != NULL && task->group == map && task->kind == KIND_CHUNK)
                mproc__task_cancel(task);
        }
    }
    if (batch->next < batch->count) {
        size_t first = batch->next;
        mproc__queue_remove(&pool->pending, map);
        pool->pending_count--;
        batch->next = batch->count;
        cancel_items(map, first, batch->count - first);
    }
    mproc__map_items_finished(map, 1);
}

static void cancel_batch(struct task *group)
{
    struct batch *batch = group->batch;
    size_t count = batch->count;
    for (size_t i = 0; i < count && !mproc__task_is_done(group); i++)
        if (!mproc__task_is_done(batch->items[i]))
            mproc__task_cancel(batch->items[i]);
}

static int cancel(struct task *task)
{
    if (mproc__task_is_done(task))
        return MPROC_WAS_FINISHED;
    if (task->kind == KIND_MAP)
        cancel_map(task);
    else if (task->kind == KIND_BATCH)
        cancel_batch(task);
    else
        mproc__task_cancel(task);
    return mproc__task_is_done(task) ? 0 : MPROC_WAS_RUNNING;
}

int mproc_result_cancel(mproc_result *result)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    mproc_pool *pool = task->pool;
    platform_mutex_lock(&pool->lock);
    mproc__pool_service(pool);
    code = cancel(task);
    platform_mutex_unlock(&pool->lock);
    return code;
}

/* ---- Callbacks and the end ---- */

static bool has_any_call(const struct task *task)
{
    return task->call.on_done != NULL || task->call.on_error != NULL || task->more_calls != NULL;
}

static int add_call(struct task *task, struct done_call *call)
{
    mproc_pool *pool = task->pool;
    int code = mproc__caller_start(pool);
    if (code < 0)
        return code;
    bool done = mproc__task_is_done(task);
    /* Counted once while the task is to be called, whether it is done or not. */
    if (done ? !task->queued_calls : !has_any_call(task))
        pool->calls_outstanding++;
    struct done_call **end = &task->more_calls;
    while (*end != NULL)
        end = &(*end)->next;
    *end = call;
    if (done && !task->queued_calls) {
        task->queued_calls = true;
        mproc__calls_queue(task);
    }
    return 0;
}

int mproc_result_on_done(mproc_result *result, mproc_done_fn *function, void *user)
{
    int code;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    if (function == NULL)
        return mproc__error(MPROC_E_INVALID, "no function");
    struct done_call *call = malloc(sizeof *call);
    if (call == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a callback");
    *call = (struct done_call){ .on_done = function, .user = user };
    mproc_pool *pool = task->pool;
    platform_mutex_lock(&pool->lock);
    code = pool->links == NULL ? mproc__error(MPROC_E_CLOSED, "the pool was destroyed") : add_call(task, call);
    platform_mutex_unlock(&pool->lock);
    if (code < 0)
        free(call);
    return code;
}

void mproc__result_release(struct task *task)
{
    task->owned = false;
    if (mproc__task_is_done(task) && !task->queued_calls)
        mproc__task_free(task);
}

int mproc_result_free(mproc_result *result)
{
    int code;
    if (result == NULL)
        return 0;
    struct task *task = mproc__task_find(result, &code);
    if (task == NULL)
        return code;
    mproc_pool *pool = task->pool;
    platform_mutex_lock(&pool->lock);
    bool held = task->owned;
    if (held)
        mproc__result_release(task);
    mproc__pool_unlock(pool);
    return held ? 0 : mproc__error(MPROC_E_STALE, "the result was freed before");
}
