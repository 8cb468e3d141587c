/* Single tasks: how they come in. */
#include "pool/submit.h"
#include "base/base.h"
#include "base/error.h"
#include "base/options.h"
#include "channel/message.h"
#include "pool/await.h"
#include "pool/bell.h"
#include "pool/callback.h"
#include "pool/job.h"
#include "pool/job_handles.h"
#include "pool/job_table.h"
#include "pool/link.h"
#include "pool/map_list.h"
#include "pool/notes.h"
#include "pool/payload.h"
#include "pool/pending.h"
#include "pool/pool.h"
#include "pool/result.h"
#include "pool/schedule.h"
#include "pool/service.h"
#include "pool/state.h"
#include <stdlib.h>

/* A submitter looks after the workers once in so many submissions, so that a burst keeps them fed and collected from
 * without waking the supervisor. */
#define SERVICE_EVERY 64

static _Thread_local const char *next_site;

mproc_pool *mproc_at_site_(const char *site, mproc_pool *pool)
{
    next_site = site;
    return pool;
}

const char *mproc__take_site(void)
{
    const char *site = next_site;
    next_site = NULL;
    return site;
}

static int refer(mproc_pool *pool, any_function *function, struct function_ref *ret_ref)
{
    if (likely(function != NULL && function == pool->last_function)) {
        *ret_ref = pool->last_ref;
        return 0;
    }
    int code = pool->ops->refer(function, ret_ref);
    if (code == 0 && mproc__function_stays(ret_ref)) {
        pool->last_function = function;
        pool->last_ref = *ret_ref;
    }
    return code;
}

struct job *mproc__job_prepare(mproc_pool *pool, any_function *function, const char *site, int *ret_code)
{
    struct job *job = mproc__job_new(pool);
    if (job == NULL) {
        *ret_code = mproc__error(MPROC_E_NO_MEMORY, "a task");
        return NULL;
    }
    job->function = function;
    job->site = site;
    *ret_code = refer(pool, function, &job->ref);
    if (*ret_code == 0)
        return job;
    mproc__job_free(job);
    return NULL;
}

/* Who submits comes by himself, or sees to it that the supervisor does: mproc__bell_demand. A job of which nobody has
 * the handle may be gone afterwards, if the pool has been found to be broken. */
static void enter(struct job *job)
{
    mproc_pool *pool = job->pool;
    job->number = ++pool->next_number;
    pool->ticks = job->submitted = platform_ticks();
    pool->outstanding++;
    map_list_add(job);
    if (job->kind == JOB_KIND_CALL || job->kind == JOB_KIND_MAP)
        pool->stats.submitted++;
    if (callback_wanted(job))
        pool->callbacks_outstanding++;
    note_queued(job);
    if (job->kind == JOB_KIND_BATCH)
        return;
    bool first = pool->pending.head == NULL;
    int64_t look_ns = job->has_extra ? task_look_ns(&job->extra.terms) : 0;
    pending_push(pool, job);
    pool->attended++;
    if (++pool->since_service >= SERVICE_EVERY)
        mproc__pool_service(pool);
    else if (first && !mproc__schedule_may_gather(pool))
        mproc__schedule_feed(pool);
    if (unlikely(look_ns != 0))
        mproc__bell_demand_by(pool, platform_now_ns() + look_ns);
}

void mproc__job_submit(struct job *job)
{
    mproc_pool *pool = job->pool;
    enter(job);
    mproc__bell_demand(pool);
}

static int check_call(const mproc_pool *pool, mproc_task_fn *function, mproc_view args)
{
    int code = mproc__pool_check(pool);
    if (code < 0)
        return code;
    if (function == NULL)
        return mproc__error(MPROC_E_INVALID, "no function");
    if (args.size > 0 && args.data == NULL)
        return mproc__error(MPROC_E_INVALID, "the argument has a size but no data");
    if (args.size > ARGUMENT_MAX)
        return mproc__error(MPROC_E_LIMIT, "an argument of %zu bytes, at most 1 GiB", args.size);
    return 0;
}

static bool has_queue_room(void *argument)
{
    const mproc_pool *pool = argument;
    return pool->options.max_queued == 0 || pool->pending_count < pool->options.max_queued || pool->phase != POOL_OPEN;
}

static int wait_for_queue_room(mproc_pool *pool, bool may_wait)
{
    if (likely(has_queue_room(pool)))
        return 0;
    if (mproc__pool_wait(pool, has_queue_room, pool, may_wait ? INT64_MAX : 0) < 0)
        return mproc__error(MPROC_E_FULL, "%s has %zu tasks waiting, its limit", pool->name, pool->options.max_queued);
    return mproc__pool_open_check(pool);
}

/* What a submitter waits for. */
enum patience {
    WAITS_FOR_NOTHING,
    WAITS_FOR_ROOM, /* in the queue */
    WAITS_FOR_ALL   /* for the task as well, at once: the supervisor is not needed before it sleeps */
};

/* A call as it was asked for. Its argument is the job's once it has been submitted. */
struct call {
    mproc_task_fn *function;
    const char *site;
    bool has_options; /**< most have none, and are spared all that is about them */
    mproc_task_options options;
    struct payload argument;
    struct job_handles *handles;
    enum patience patience;
};

static int give_options(struct job *job, const struct call *call)
{
    if (likely(!call->has_options)) {
        job_set_task_terms(job, job->pool->terms.task);
        return 0;
    }
    job_set_terms(job, mproc__terms(&job->pool->options, &call->options));
    int code = mproc__callback_give(job, &call->options);
    if (code < 0)
        return code;
    job_extra(job)->handles = call->handles;
    job->pool->with_handles += call->handles != NULL;
    return 0;
}

/* Lock held. What the call has is the job's if it succeeds. */
static int submit_call(mproc_pool *pool, const struct call *call, mproc_result **ret_result)
{
    int code;
    struct job *job = mproc__job_prepare(pool, (any_function *)call->function, call->site, &code);
    if (job == NULL)
        return code;
    job->kind = JOB_KIND_CALL;
    code = give_options(job, call);
    if (code < 0) {
        mproc__job_free(job);
        return code;
    }
    mproc__job_give_argument(job, &call->argument);
    job->owned = ret_result != NULL;
    if (ret_result != NULL)
        *ret_result = mproc__job_handle(job);
    enter(job);
    if (call->patience != WAITS_FOR_ALL || callback_wanted(job))
        mproc__bell_demand(pool);
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_task_options, max_ahead), "it can grow");

/* Afterwards, unless it fails, end_call. */
static int begin_call(struct call *call, mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                      const mproc_task_options *options, size_t options_size)
{
    call->function = function;
    call->site = mproc__take_site();
    call->handles = NULL;
    call->has_options = options != NULL;
    int code = check_call(pool, function, args);
    if (code < 0 || likely(options == NULL))
        return code;
    code = mproc__options_take(&call->options, sizeof call->options, options, options_size);
    if (code == 0)
        code = mproc__terms_check(pool, &call->options);
    return code < 0 ? code : mproc__job_handles_copy(&call->options, &call->handles);
}

/* Returns code, what came of the call. */
static int end_call(const struct call *call, int code)
{
    if (likely(!call->has_options))
        return code;
    if (code == 0)
        mproc__job_handles_close_moved(&call->options);
    else
        mproc__job_handles_put(call->handles);
    return code;
}

static int enter_call(mproc_pool *pool, const struct call *call, mproc_result **ret_result)
{
    platform_mutex_lock(&pool->lock);
    int code = mproc__pool_open_check(pool);
    if (code == 0)
        code = wait_for_queue_room(pool, call->patience != WAITS_FOR_NOTHING);
    if (code == 0)
        code = submit_call(pool, call, ret_result);
    platform_mutex_unlock(&pool->lock);
    return code;
}

/* Bytes are copied before the lock is taken: nobody else waits for that. */
static int submit(mproc_pool *pool, mproc_task_fn *function, mproc_view args, const mproc_task_options *options,
                  size_t options_size, enum patience patience, mproc_result **ret_result)
{
    struct call call;
    int code = begin_call(&call, pool, function, args, options, options_size);
    if (code < 0)
        return code;
    call.patience = patience;
    code = mproc__payload_copy(args, &call.argument);
    if (code < 0)
        return end_call(&call, code);
    code = enter_call(pool, &call, ret_result);
    if (code < 0)
        mproc__payload_free(&call.argument);
    return end_call(&call, code);
}

int mproc_pool_apply_async_(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                            const mproc_task_options *options, size_t options_size, mproc_result **ret_result)
{
    return submit(pool, function, args, options, options_size, WAITS_FOR_ROOM, ret_result);
}

int mproc_pool_try_apply_async_(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                const mproc_task_options *options, size_t options_size, mproc_result **ret_result)
{
    return submit(pool, function, args, options, options_size, WAITS_FOR_NOTHING, ret_result);
}

int mproc_pool_apply_(mproc_pool *pool, mproc_task_fn *function, mproc_view args, const mproc_task_options *options,
                      size_t options_size, void *ret_value, size_t capacity, size_t *ret_size)
{
    mproc_result *result = NULL;
    int code = submit(pool, function, args, options, options_size, WAITS_FOR_ALL, &result);
    if (code < 0)
        return code;
    return mproc__result_get_last(result, ret_value, capacity, ret_size);
}

/* ---- Messages ---- */

/* The message is this call's alone meanwhile. */
static int submit_message(mproc_pool *pool, struct call *call, struct held_message *held, mproc_result **ret_result)
{
    if (held->size > ARGUMENT_MAX)
        return mproc__error(MPROC_E_LIMIT, "an argument of %zu bytes, at most 1 GiB", held->size);
    int code = mproc__payload_from_message(held, &call->argument);
    if (code < 0)
        return code;
    code = enter_call(pool, call, ret_result);
    if (code < 0 && held->span != 0)
        mproc__payload_forget(held->span);
    else if (code == 0 && call->argument.place == PLACE_JOB)
        free(held->data);
    return code;
}

int mproc_pool_apply_message_(mproc_pool *pool, mproc_task_fn *function, mproc_message message,
                              const mproc_task_options *options, size_t options_size, mproc_result **ret_result)
{
    struct call call;
    struct held_message held;
    int code = begin_call(&call, pool, function, (mproc_view){ NULL, 0 }, options, options_size);
    if (code < 0)
        return code;
    call.patience = WAITS_FOR_ROOM;
    code = mproc__message_claim(&message, &held);
    if (code < 0)
        return end_call(&call, code);
    code = submit_message(pool, &call, &held, ret_result);
    if (code < 0)
        mproc__message_hold(message.ticket, &held);
    else
        mproc__message_forget(message.ticket);
    return end_call(&call, code);
}
