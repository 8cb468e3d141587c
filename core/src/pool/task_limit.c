#include "pool/task_limit.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "pool/bell.h"
#include "pool/collect.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/verdict.h"
#include <stdio.h>

/* The clock of the worker's oldest task, which is the one that it runs, if it has begun any. */
static struct task_clock *clock_of(struct worker *worker)
{
    struct task_clock *clock = &worker->clock;
    uint64_t task = worker_head_number(worker);
    if (clock->task != task) {
        if (clock->asked)
            link_ask(worker->link, NULL);
        *clock = (struct task_clock){ .task = task, .due = INT64_MAX };
    }
    return clock;
}

/* ---- Ending ---- */

static void kill_if_it_still_runs(struct worker *worker)
{
    uint64_t task = worker->clock.task;
    mproc__flight_take_back(worker, worker->in_flight - 1);
    mproc__collect(worker);
    if (worker->in_flight == 1 && worker_head_number(worker) == task)
        mproc__worker_kill(worker, worker->clock.verdict);
    else
        /* What was collected may have been the last task: the supervisor, whose look this is, must not sleep now. */
        atomic_store(&worker->pool->news, true);
}

/* What follows if it does not end by itself is the supervisor's, by the clock. */
static void ask(struct worker *worker, const struct verdict *verdict)
{
    struct task_clock *clock = &worker->clock;
    int64_t grace_ms = worker->pool->options.grace_ms;
    clock->asked = true;
    clock->verdict = verdict;
    clock->due = mproc__deadline(grace_ms);
    if (grace_ms > 0)
        link_ask(worker->link, worker->jobs.head);
    else
        kill_if_it_still_runs(worker);
}

void mproc__task_limit_cancel(struct worker *worker)
{
    /* Its task would be tried again. A death that counts does so all the same. */
    if (worker->killed && worker->verdict->may_retry && !worker->verdict->is_counted) {
        worker->verdict = &mproc__verdict_cancelled;
        worker->reason[0] = '\0';
    }
    if (worker->killed || clock_of(worker)->asked)
        return;
    worker->reason[0] = '\0';
    ask(worker, &mproc__verdict_cancelled);
    mproc__bell_wake(&worker->pool->shared->supervisor_bell);
}

void mproc__task_limit_settle(struct worker *worker)
{
    const struct task_clock *clock = &worker->clock;
    bool is_its_task = worker->in_flight > 0 && clock->task == worker_head_number(worker);
    if (worker->verdict == &mproc__verdict_died && clock->asked && is_its_task)
        worker->verdict = clock->verdict;
}

/* ---- Limits ---- */

int mproc__task_limit_check(const mproc_pool_options *options)
{
    int64_t hard = options->task_timeout_ms, soft = options->task_soft_timeout_ms;
    const struct option_count counts[] = { { "task_timeout_ms", hard },
                                           { "task_soft_timeout_ms", soft },
                                           { "grace_ms", options->grace_ms } };
    int code = mproc__options_check_counts(counts, sizeof counts / sizeof *counts);
    if (code < 0 || hard == 0 || soft < hard || soft == MPROC_FOREVER)
        return code;
    return mproc__error(MPROC_E_INVALID, "task_soft_timeout_ms = %lld is not below task_timeout_ms = %lld",
                        (long long)soft, (long long)hard);
}

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
    clock->due = (trace.started ? clock->begun : now) + job->extra.limits.hard_ns;
}

static const struct verdict took_too_long = { .code = MPROC_E_TIMEOUT, .reason = "its task took longer than" };

static void over_its_limit(struct worker *worker)
{
    const struct job *job = worker->jobs.head;
    int64_t grace_ms = worker->pool->options.grace_ms;
    char grace[40] = "";
    if (grace_ms > 0)
        snprintf(grace, sizeof grace, " and grace_ms = %lld", (long long)grace_ms);
    snprintf(worker->reason, sizeof worker->reason, "%s = %lld%s", job->own_timeout ? "timeout_ms" : "task_timeout_ms",
             (long long)(job->extra.limits.hard_ns / 1000000), grace);
    ask(worker, &took_too_long);
}

/* Whether the task that the worker runs has begun, and what is due. */
static void look_at(struct worker *worker)
{
    if (worker->link == NULL || worker->killed)
        return;
    struct task_clock *clock = clock_of(worker);
    if (worker->in_flight == 0 || (worker->jobs.head->extra.limits.hard_ns == 0 && !clock->asked))
        return;
    int64_t now = platform_now_ns();
    if (clock->begun == 0 && !clock->asked)
        look_for_begin(worker, clock, now);
    if (now < clock->due)
        return;
    if (clock->asked)
        kill_if_it_still_runs(worker);
    else
        over_its_limit(worker);
}

void mproc__task_limit_look(mproc_pool *pool)
{
    for (int i = 0; i < pool->worker_count; i++)
        look_at(pool_worker(pool, i));
}

static bool has_clock(const struct worker *worker)
{
    return worker->link != NULL && !worker->killed && worker->in_flight > 0 &&
           worker->clock.task == worker_head_number(worker);
}

int64_t mproc__task_limit_next_look(const mproc_pool *pool)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < pool->worker_count; i++) {
        const struct worker *worker = pool_worker(pool, i);
        if (has_clock(worker) && worker->clock.due < next)
            next = worker->clock.due;
    }
    return next;
}
