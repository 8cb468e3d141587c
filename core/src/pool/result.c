/* Results, as their holders ask for them. */
#include "pool/result.h"
#include "base/copy.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "channel/message.h"
#include "pool/await.h"
#include "pool/job.h"
#include "pool/job_table.h"
#include "pool/payload.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "pool/service.h"
#include "pool/state.h"
#include <stdlib.h>
#include <string.h>

static bool is_done(void *argument)
{
    return mproc__job_is_done(argument);
}

static int wait_job(struct job *job, int64_t timeout_ms)
{
    mproc_pool *pool = job->pool;
    if (mproc__job_is_done(job))
        return 0;
    int64_t deadline = mproc__deadline(timeout_ms);
    platform_mutex_lock(&pool->lock);
    int code = mproc__pool_wait(pool, is_done, job, deadline);
    platform_mutex_unlock(&pool->lock);
    return code < 0 ? mproc__error(code, "task %llu is not done", (unsigned long long)job->number) : 0;
}

int mproc_result_wait(mproc_result *result, int64_t timeout_ms)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    return job == NULL ? code : wait_job(job, timeout_ms);
}

static int job_error(const struct job *job, int code)
{
    return mproc__error_text(code, job->extra.failure != NULL ? job->extra.failure->message : mproc_error_text(code));
}

/* Without ret_size the value must fill the room: what is missing would be read as if it were there. */
static int copy_value(const struct job *job, void *ret_value, size_t capacity, size_t *ret_size)
{
    size_t size = job->value_size;
    if (ret_size == NULL && size != capacity)
        return mproc__error(MPROC_E_SIZE, "the value has %zu bytes, %zu were asked for", size, capacity);
    if (ret_size != NULL)
        *ret_size = size;
    if (size > capacity)
        return mproc__error(MPROC_E_TOO_SHORT, "the value has %zu bytes, there is room for %zu", size, capacity);
    if (size > 0)
        mproc__copy_few(ret_value, job->value, size);
    return 0;
}

/* Of a job that is done. */
static int give_value(const struct job *job, void *ret_value, size_t capacity, size_t *ret_size)
{
    int code = atomic_load_explicit(&job->code, memory_order_acquire);
    if (code < 0)
        return job_error(job, code);
    return ret_value == NULL && capacity == 0 && ret_size == NULL ? 0 : copy_value(job, ret_value, capacity, ret_size);
}

int mproc_result_get(mproc_result *result, int64_t timeout_ms, void *ret_value, size_t capacity, size_t *ret_size)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    code = wait_job(job, timeout_ms);
    return code < 0 ? code : give_value(job, ret_value, capacity, ret_size);
}

/* A large value is copied while others may have the lock. */
int mproc__result_get_last(mproc_result *result, void *ret_value, size_t capacity, size_t *ret_size)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    mproc_pool *pool = job->pool;
    platform_mutex_lock(&pool->lock);
    mproc__pool_wait(pool, is_done, job, INT64_MAX);
    bool is_small = job->value_place == PLACE_JOB;
    if (!is_small)
        platform_mutex_unlock(&pool->lock);
    code = give_value(job, ret_value, capacity, ret_size);
    if (!is_small)
        platform_mutex_lock(&pool->lock);
    mproc__result_release(job);
    mproc__pool_unlock(pool);
    return code;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_outcome, return_ns), "it can grow");

int mproc_result_get_outcome_(mproc_result *result, int64_t timeout_ms, mproc_outcome *ret_outcome, size_t outcome_size)
{
    if (ret_outcome == NULL)
        return mproc__error_null("ret_outcome");
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    code = wait_job(job, timeout_ms);
    if (code < 0)
        return code;
    mproc_outcome outcome;
    mproc__job_outcome(job, &outcome);
    mproc__struct_give(ret_outcome, outcome_size, &outcome, sizeof outcome);
    return 0;
}

/* ---- Items ---- */

static size_t count_of(const struct job *job)
{
    return job->extra.batch != NULL ? job->extra.batch->count : 1;
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

static void map_item_outcome(const struct job *map, size_t index, mproc_outcome *ret_outcome)
{
    const struct batch *batch = map->extra.batch;
    const struct item_failure *failure = find_failure(batch, index);
    mproc__job_outcome(map, ret_outcome);
    ret_outcome->item = (int64_t)index;
    ret_outcome->code = 0;
    ret_outcome->message = "";
    ret_outcome->exit_code = 0;
    ret_outcome->pid = 0;
    ret_outcome->worker = -1;
    ret_outcome->stack = ret_outcome->saved_task = "";
    ret_outcome->value =
        (mproc_view){ batch->out_size > 0 ? batch->out + index * batch->out_size : NULL, batch->out_size };
    if (failure == NULL)
        return;
    ret_outcome->code = failure->code;
    ret_outcome->message = failure->message;
    ret_outcome->pid = failure->pid;
    ret_outcome->worker = failure->worker;
    ret_outcome->exit_code = failure->exit_code;
    ret_outcome->stack = mproc__remains_stack(failure->remains);
    ret_outcome->saved_task = mproc__remains_path(failure->remains);
    ret_outcome->value = (mproc_view){ NULL, 0 };
}

int mproc_result_get_item_(mproc_result *result, size_t index, mproc_outcome *ret_outcome, size_t outcome_size)
{
    if (ret_outcome == NULL)
        return mproc__error_null("ret_outcome");
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    if (!mproc__job_is_done(job))
        return mproc__error(MPROC_E_NOT_READY, "task %llu", (unsigned long long)job->number);
    if (index >= count_of(job))
        return mproc__error(MPROC_E_RANGE, "item %zu of %zu", index, count_of(job));
    mproc_outcome outcome;
    if (job->kind == JOB_KIND_MAP)
        map_item_outcome(job, index, &outcome);
    else
        mproc__job_outcome(job->kind == JOB_KIND_BATCH ? job->extra.batch->items[index] : job, &outcome);
    mproc__struct_give(ret_outcome, outcome_size, &outcome, sizeof outcome);
    return 0;
}

int mproc_result_get_count(mproc_result *result, size_t *ret_count)
{
    if (ret_count == NULL)
        return mproc__error_null("ret_count");
    int code;
    const struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    *ret_count = count_of(job);
    return 0;
}

/* ---- Asking ---- */

bool mproc__result_ask(struct job *job)
{
    if (mproc__job_is_done(job))
        return true;
    mproc_pool *pool = job->pool;
    platform_mutex_lock(&pool->lock);
    pool->attended++;
    mproc__pool_service(pool);
    platform_mutex_unlock(&pool->lock);
    return mproc__job_is_done(job);
}

bool mproc_result_is_ready(mproc_result *result)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    return mproc__answer(job == NULL ? code : mproc__result_ask(job));
}

bool mproc_result_is_successful(mproc_result *result)
{
    int code;
    struct job *job = mproc__job_find(result, &code);
    if (job != NULL)
        code = mproc__result_ask(job) && atomic_load_explicit(&job->code, memory_order_acquire) == 0;
    return mproc__answer(code);
}

void mproc__result_release(struct job *job)
{
    job->owned = false;
    if (mproc__job_is_done(job) && !job->callback_queued)
        mproc__job_free(job);
    else
        mproc__job_end_handle(job);
}

/* A value small enough to lie in the job, or that a callback has still to see, is copied. */
static int take_value(struct job *job, struct held_message *ret_held)
{
    size_t size = job->value_size;
    if (job->value_place != PLACE_JOB && !job->callback_queued) {
        const struct payload value = mproc__job_value(job);
        *ret_held = mproc__payload_to_message(&value);
        job->value_place = PLACE_JOB;
        return 0;
    }
    void *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a value of %zu bytes", size);
    *ret_held = (struct held_message){ .data = size > 0 ? memcpy(copy, job->value, size) : copy, .size = size };
    return 0;
}

/* What is asked of a result before its value can go. */
static int await_value(struct job *job, int64_t timeout_ms)
{
    int code = wait_job(job, timeout_ms);
    if (code < 0)
        return code;
    code = atomic_load_explicit(&job->code, memory_order_acquire);
    if (code < 0)
        return job_error(job, code);
    return job->extra.batch == NULL ? 0 : mproc__error(MPROC_E_TYPE, "a map or batch, which has no value of its own");
}

static int take_out(struct job *job, struct held_message *ret_held)
{
    mproc_pool *pool = job->pool;
    platform_mutex_lock(&pool->lock);
    int code = job->owned ? take_value(job, ret_held) : mproc__error(MPROC_E_STALE, "the result was freed before");
    if (code == 0)
        mproc__result_release(job);
    mproc__pool_unlock(pool);
    return code;
}

int mproc_result_take(mproc_result *result, int64_t timeout_ms, mproc_message *ret_message)
{
    int code;
    struct held_message held;
    if (ret_message == NULL)
        return mproc__error_null("ret_message");
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    code = await_value(job, timeout_ms);
    if (code < 0)
        return code;
    uint64_t ticket = mproc__message_ticket();
    if (ticket == 0)
        return mproc__error(MPROC_E_NO_MEMORY, "a message");
    code = take_out(job, &held);
    if (code < 0)
        mproc__message_forget(ticket);
    else
        *ret_message = mproc__message_hold(ticket, &held);
    return code;
}

int mproc_result_free(mproc_result *result)
{
    int code;
    if (result == NULL)
        return 0;
    struct job *job = mproc__job_find(result, &code);
    if (job == NULL)
        return code;
    mproc_pool *pool = job->pool;
    platform_mutex_lock(&pool->lock);
    bool held = job->owned;
    if (held)
        mproc__result_release(job);
    mproc__pool_unlock(pool);
    return held ? 0 : mproc__error(MPROC_E_STALE, "the result was freed before");
}
