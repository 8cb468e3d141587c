#include "pool/task_limit.h"
#include "base/error.h"
#include "base/options.h"
#include "pool/kind.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/task_end.h"
#include "pool/verdict.h"
#include <stdio.h>

#define NS_PER_MS INT64_C(1000000)
/* A longer limit, of a century and more, is none. */
#define LIMIT_MAX_MS (INT64_MAX / NS_PER_MS / 2)

/* ---- What may be asked for ---- */

int mproc__task_limit_check(const mproc_pool_options *options)
{
    int64_t hard = options->task_timeout_ms, soft = options->task_soft_timeout_ms;
    const struct option_count counts[] = { { "task_timeout_ms", hard }, { "task_soft_timeout_ms", soft } };
    int code = mproc__options_check_counts(counts, sizeof counts / sizeof *counts);
    if (code < 0 || hard == 0)
        return code;
    if (!mproc__kind_can_kill(options))
        return mproc__error(MPROC_E_NOT_SUPPORTED, "task_timeout_ms = %lld of threads, which cannot be killed",
                            (long long)hard);
    if (soft < hard || soft == MPROC_FOREVER)
        return 0;
    return mproc__error(MPROC_E_INVALID, "task_soft_timeout_ms = %lld is not below task_timeout_ms = %lld",
                        (long long)soft, (long long)hard);
}

/* What holds for a task: its own limit, or else the pool's; 0 if that is none. */
static int64_t effective_ms(int64_t own_ms, int64_t pool_ms)
{
    int64_t ms = own_ms != 0 ? own_ms : pool_ms;
    return ms < LIMIT_MAX_MS ? ms : 0;
}

int mproc__task_limit_check_task(const mproc_pool *pool, const mproc_task_options *options)
{
    if (options->timeout_ms < 0 || options->soft_timeout_ms < 0)
        return mproc__error(MPROC_E_INVALID, "timeout_ms = %lld, soft_timeout_ms = %lld",
                            (long long)options->timeout_ms, (long long)options->soft_timeout_ms);
    int64_t hard = effective_ms(options->timeout_ms, pool->options.task_timeout_ms);
    int64_t soft = effective_ms(options->soft_timeout_ms, pool->options.task_soft_timeout_ms);
    if (hard > 0 && !pool->ops->can_kill)
        return mproc__error(MPROC_E_NOT_SUPPORTED, "timeout_ms = %lld of a thread, which cannot be killed",
                            (long long)hard);
    if (hard > 0 && soft >= hard)
        return mproc__error(MPROC_E_INVALID,
                            "soft_timeout_ms = %lld is not below timeout_ms = %lld, each of the task or its pool",
                            (long long)soft, (long long)hard);
    return 0;
}

struct task_terms mproc__task_limit_terms(const mproc_pool_options *pool, const mproc_task_options *options)
{
    return (struct task_terms){
        .hard_ns = effective_ms(options->timeout_ms, pool->task_timeout_ms) * NS_PER_MS,
        .soft_ns = effective_ms(options->soft_timeout_ms, pool->task_soft_timeout_ms) * NS_PER_MS,
    };
}

/* ---- By the clock ---- */

static const struct verdict took_too_long = { .code = MPROC_E_TIMEOUT, .reason = "its task took longer than" };

/* Since when the task runs: as the worker says, if that can be. Before that is known it is new. */
static int64_t begin_of(const struct job_trace *trace, int64_t now)
{
    int64_t ticks = platform_ticks();
    if (trace->running_since <= 0 || trace->running_since > ticks)
        return now;
    int64_t age = platform_ticks_ns(ticks - trace->running_since);
    return age < now ? now - age : 1;
}

/* One that has not begun cannot be over its limit before that has passed from now on. */
static void look_for_begin(const struct worker *worker, struct task_clock *clock, int64_t now)
{
    const struct job *job = worker->jobs.head;
    struct job_trace trace = link_trace(worker->link, job);
    if (trace.started)
        clock->begun = begin_of(&trace, now);
    clock->due = (trace.started ? clock->begun : now) + job->extra.terms.hard_ns;
}

static void over_its_limit(struct worker *worker)
{
    const mproc_pool *pool = worker->pool;
    int64_t limit_ns = worker->jobs.head->extra.terms.hard_ns, grace_ms = pool->options.grace_ms;
    char grace[40] = "";
    if (grace_ms > 0)
        snprintf(grace, sizeof grace, " and grace_ms = %lld", (long long)grace_ms);
    snprintf(worker->reason, sizeof worker->reason, "%s = %lld%s",
             limit_ns == pool->terms.task.hard_ns ? "task_timeout_ms" : "timeout_ms", (long long)(limit_ns / NS_PER_MS),
             grace);
    mproc__task_end(worker, &took_too_long);
}

static void look_at(struct worker *worker)
{
    if (worker->link == NULL || worker->killed || worker->jobs.head->extra.terms.hard_ns == 0)
        return;
    struct task_clock *clock = mproc__task_clock(worker);
    if (clock->asked)
        return;
    int64_t now = platform_now_ns();
    if (clock->begun == 0)
        look_for_begin(worker, clock, now);
    if (now >= clock->due)
        over_its_limit(worker);
}

void mproc__task_limit_look(mproc_pool *pool)
{
    struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        look_at(worker);
}
