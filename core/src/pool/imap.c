/* imap: lazily supplied input, outcomes in input order or in order of completion, never more under way than the buffer
 * holds. */
#include "base/deadline.h"
#include "base/error.h"
#include "base/function.h"
#include "base/options.h"
#include "pool/await.h"
#include "pool/cancel.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/job_table.h"
#include "pool/pool.h"
#include "pool/result.h"
#include "pool/state.h"
#include "pool/submit.h"
#include "process/task.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_PER_WORKER 64
#define BUFFER_MAX        ((size_t)1 << 24)

struct mproc_iter {
    mproc_pool *pool;
    mproc_task_fn *function;
    mproc_source_fn *source;
    void *user;
    const char *site;
    bool ordered;
    bool ended;   /**< the source has no more, or is not asked any more */
    int end_code; /**< why, if that was no proper end; reported once */
    char end_text[TASK_MESSAGE_BYTES];
    mproc_task_options options; /**< of each item */
    size_t window;
    uint64_t supplied;  /**< items taken from the source */
    uint64_t consumed;  /**< items handed out */
    struct job **slots; /**< by item % window if ordered, else wherever there was room */
    size_t *free_slots; /**< of an unordered one */
    size_t free_count;
    struct job_list ready; /**< of an unordered one */
    struct job *current;   /**< handed out last */
};

/* Of an unordered one: what is done may be handed out. */
static void item_ended(struct job *job)
{
    job_list_push(&job->extra.iter->ready, job);
}

/* ---- Making one ---- */

static struct mproc_iter *new_iter(size_t window)
{
    struct mproc_iter *iter = calloc(1, sizeof *iter);
    if (iter == NULL)
        return NULL;
    iter->window = iter->free_count = window;
    iter->slots = calloc(window, sizeof(struct job *));
    iter->free_slots = malloc(window * sizeof(size_t));
    if (iter->slots != NULL && iter->free_slots != NULL) {
        for (size_t i = 0; i < window; i++)
            iter->free_slots[i] = i;
        return iter;
    }
    free(iter->slots);
    free(iter->free_slots);
    free(iter);
    return NULL;
}

static int check(const mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source,
                 const mproc_task_options *options)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    if (function == NULL || source == NULL)
        return mproc__error(MPROC_E_INVALID, "no function or no source");
    if (options->on_done != NULL || options->on_error != NULL)
        return mproc__error(MPROC_E_INVALID, "an imap hands its outcomes out itself and takes no callbacks");
    if (options->max_ahead > BUFFER_MAX)
        return mproc__error(MPROC_E_LIMIT, "a buffer of %zu items, at most %zu", options->max_ahead, BUFFER_MAX);
    return mproc__terms_check_shared(pool, options);
}

static int open_check(mproc_pool *pool, mproc_task_fn *function)
{
    struct function_ref ref;
    platform_mutex_lock(&pool->lock);
    int code = mproc__pool_open_check(pool);
    platform_mutex_unlock(&pool->lock);
    return code < 0 ? code : pool->ops->refer((any_function *)function, &ref);
}

static size_t default_window(mproc_pool *pool)
{
    platform_mutex_lock(&pool->lock);
    size_t workers = (size_t)pool->options.workers;
    platform_mutex_unlock(&pool->lock);
    return BUFFER_PER_WORKER * workers;
}

static int start(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source, void *user,
                 const mproc_task_options *options, size_t options_size, bool ordered, mproc_iter **ret_iter)
{
    const char *site = mproc__take_site();
    mproc_task_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = ret_iter ? check(pool, function, source, &own) : mproc__error_null("ret_iter");
    if (code == 0)
        code = open_check(pool, function);
    if (code < 0)
        return code;
    size_t window = own.max_ahead > 0 ? own.max_ahead : default_window(pool);
    struct mproc_iter *iter = new_iter(window);
    if (iter == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "a buffer of %zu items", window);
    iter->pool = pool;
    iter->function = function;
    iter->source = source;
    iter->user = user;
    iter->site = site;
    iter->ordered = ordered;
    iter->options = own;
    platform_mutex_lock(&pool->lock);
    pool->references++;
    platform_mutex_unlock(&pool->lock);
    *ret_iter = iter;
    return 0;
}

int mproc_pool_imap_(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source, void *user,
                     const mproc_task_options *options, size_t options_size, mproc_iter **ret_iter)
{
    return start(pool, function, source, user, options, options_size, true, ret_iter);
}

int mproc_pool_imap_unordered_(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source, void *user,
                               const mproc_task_options *options, size_t options_size, mproc_iter **ret_iter)
{
    return start(pool, function, source, user, options, options_size, false, ret_iter);
}

/* ---- Input ---- */

static bool wants_input(const struct mproc_iter *iter)
{
    return !iter->ended && iter->supplied - iter->consumed < iter->window;
}

static size_t take_slot(struct mproc_iter *iter)
{
    return iter->ordered ? (size_t)(iter->supplied % iter->window) : iter->free_slots[--iter->free_count];
}

static int submit_item(struct mproc_iter *iter, mproc_view args)
{
    mproc_pool *pool = iter->pool;
    int code = mproc__pool_open_check(pool);
    if (code < 0)
        return code;
    if (args.size > ARGUMENT_MAX)
        return mproc__error(MPROC_E_LIMIT, "an argument of %zu bytes, at most 1 GiB", args.size);
    struct job *job = mproc__job_prepare(pool, (any_function *)iter->function, iter->site, &code);
    if (job == NULL)
        return code;
    job->kind = JOB_KIND_CALL;
    code = mproc__job_set_argument(job, args.data, args.size);
    if (code < 0) {
        mproc__job_free(job);
        return code;
    }
    job_set_terms(job, mproc__terms(&pool->options, &iter->options));
    job->owned = true;
    job->in_iter = true;
    struct job_extra *extra = job_extra(job);
    extra->iter = iter;
    extra->ended = iter->ordered ? NULL : item_ended;
    extra->item = (size_t)iter->supplied;
    extra->iter_slot = take_slot(iter);
    iter->slots[extra->iter_slot] = job;
    iter->supplied++;
    mproc__job_submit(job);
    return 0;
}

/* Asks the source, which is user code: without the lock. A failure of its own is told as MPROC_E_SOURCE, whatever its
 * number, so that it cannot be taken for that of an item. */
static int ask_source(struct mproc_iter *iter, mproc_view *ret_args)
{
    platform_mutex_unlock(&iter->pool->lock);
    int cancel = platform_cancel_hold();
    int code = iter->source(iter->user, ret_args);
    platform_cancel_release(cancel);
    platform_mutex_lock(&iter->pool->lock);
    if (code < 0)
        return mproc__error(MPROC_E_SOURCE, "it returned %d for item %llu", code, (unsigned long long)iter->supplied);
    if (code > 0 && ret_args->size > 0 && ret_args->data == NULL)
        return mproc__error(MPROC_E_SOURCE, "item %llu has %zu bytes and no data", (unsigned long long)iter->supplied,
                            ret_args->size);
    return code;
}

/* Takes one item from the source and submits it. */
static void supply(struct mproc_iter *iter)
{
    mproc_view args = { NULL, 0 };
    int code = ask_source(iter, &args);
    if (code == 0)
        iter->ended = true;
    else if (code > 0)
        code = submit_item(iter, args);
    if (code < 0) {
        iter->ended = true;
        iter->end_code = code;
        snprintf(iter->end_text, sizeof iter->end_text, "%s", mproc_last_error());
    }
}

/* ---- Output ---- */

static struct job *peek_ready(const struct mproc_iter *iter)
{
    if (!iter->ordered)
        return iter->ready.head;
    struct job *job = iter->slots[iter->consumed % iter->window];
    return iter->consumed < iter->supplied && mproc__job_is_done(job) ? job : NULL;
}

static bool is_ready(void *argument)
{
    return peek_ready(argument) != NULL;
}

static void take_ready(struct mproc_iter *iter, struct job *job)
{
    iter->slots[job->extra.iter_slot] = NULL;
    if (!iter->ordered) {
        job_list_remove(&iter->ready, job);
        iter->free_slots[iter->free_count++] = job->extra.iter_slot;
    }
    iter->consumed++;
    iter->current = job;
}

static void drop_current(struct mproc_iter *iter)
{
    if (iter->current != NULL)
        mproc__result_release(iter->current);
    iter->current = NULL;
}

/* Why the input ended early, in its place behind the last item. */
static int report_end(struct mproc_iter *iter, mproc_outcome *ret_outcome)
{
    if (iter->end_code == 0)
        return 0;
    *ret_outcome = (mproc_outcome){ .code = iter->end_code,
                                    .message = iter->end_text,
                                    .function = "",
                                    .where = iter->site != NULL ? iter->site + strlen(iter->site) + 1 : "",
                                    .item = (int64_t)iter->supplied,
                                    .worker = -1,
                                    .stack = "",
                                    .saved_task = "" };
    iter->end_code = 0;
    return 1;
}

/* Lock held. Returns 1 with a task taken, 0 at the end, or MPROC_E_TIMEOUT. */
static int next_job(struct mproc_iter *iter, int64_t deadline)
{
    struct job *job;
    while ((job = peek_ready(iter)) == NULL)
        if (wants_input(iter))
            supply(iter);
        else if (iter->consumed == iter->supplied)
            return 0;
        else if (mproc__pool_wait(iter->pool, is_ready, iter, deadline) < 0)
            return mproc__error(MPROC_E_TIMEOUT, "item %llu", (unsigned long long)iter->consumed);
    take_ready(iter, job);
    /* Room for one more: the workers should not run dry while the caller looks at this one. */
    if (wants_input(iter))
        supply(iter);
    return 1;
}

int mproc_iter_next_(mproc_iter *iter, int64_t timeout_ms, mproc_outcome *ret_outcome, size_t outcome_size)
{
    if (iter == NULL || ret_outcome == NULL)
        return mproc__error(MPROC_E_INVALID, "no iterator or no place for the outcome");
    int code = mproc__pool_check(iter->pool);
    if (code < 0)
        return code;
    mproc_outcome outcome;
    int64_t deadline = mproc__deadline(timeout_ms);
    platform_mutex_lock(&iter->pool->lock);
    drop_current(iter);
    code = next_job(iter, deadline);
    platform_mutex_unlock(&iter->pool->lock);
    if (code > 0)
        mproc__job_outcome(iter->current, &outcome);
    else if (code == 0)
        code = report_end(iter, &outcome);
    if (code > 0)
        mproc__struct_give(ret_outcome, outcome_size, &outcome, sizeof outcome);
    return code;
}

static void let_go(struct job *job)
{
    job_extra(job)->ended = NULL;
    if (!mproc__job_is_done(job) && !mproc__job_cancel(job)) {
        job->owned = false;
        return;
    }
    mproc__result_release(job);
}

int mproc_iter_free(mproc_iter *iter)
{
    if (iter == NULL)
        return 0;
    mproc_pool *pool = iter->pool;
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    platform_mutex_lock(&pool->lock);
    drop_current(iter);
    for (size_t i = 0; i < iter->window; i++)
        if (iter->slots[i] != NULL)
            let_go(iter->slots[i]);
    pool->references--;
    mproc__pool_unlock(pool);
    free(iter->slots);
    free(iter->free_slots);
    free(iter);
    return 0;
}
