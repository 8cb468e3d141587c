#include "pool/task_end.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "pool/bell.h"
#include "pool/collect.h"
#include "pool/flight.h"
#include "pool/kind.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/verdict.h"

int mproc__task_end_check(const mproc_pool_options *options)
{
    int code = mproc__options_check_counts(&(struct option_count){ "grace_ms", options->grace_ms }, 1);
    if (code == 0 && options->grace_ms != 0 && !mproc__kind_can_kill(options))
        return mproc__error(MPROC_E_NOT_SUPPORTED, "grace_ms = %lld of threads, which cannot be killed",
                            (long long)options->grace_ms);
    return code;
}

struct task_clock *mproc__task_clock(struct worker *worker)
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
void mproc__task_end(struct worker *worker, const struct verdict *verdict)
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

void mproc__task_end_cancel(struct worker *worker)
{
    /* Its task would be tried again. A death that counts does so all the same. */
    if (worker->killed && worker->verdict->may_retry && !worker->verdict->is_counted) {
        worker->verdict = &mproc__verdict_cancelled;
        worker->reason[0] = '\0';
    }
    if (worker->killed || mproc__task_clock(worker)->asked)
        return;
    worker->reason[0] = '\0';
    mproc__task_end(worker, &mproc__verdict_cancelled);
    mproc__bell_wake(&worker->pool->shared->supervisor_bell);
}

void mproc__task_end_settle(struct worker *worker)
{
    const struct task_clock *clock = &worker->clock;
    bool is_its_task = worker->in_flight > 0 && clock->task == worker_head_number(worker);
    if (worker->verdict == &mproc__verdict_died && clock->asked && is_its_task)
        worker->verdict = clock->verdict;
}

/* ---- By the clock ---- */

static void look_at(struct worker *worker)
{
    if (worker->link == NULL || worker->killed)
        return;
    const struct task_clock *clock = mproc__task_clock(worker);
    if (clock->asked && worker->in_flight > 0 && platform_now_ns() >= clock->due)
        kill_if_it_still_runs(worker);
}

void mproc__task_end_look(mproc_pool *pool)
{
    for (int i = 0; i < pool->worker_count; i++)
        look_at(pool_worker(pool, i));
}

static bool has_clock(const struct worker *worker)
{
    return worker->link != NULL && !worker->killed && worker->in_flight > 0 &&
           worker->clock.task == worker_head_number(worker);
}

int64_t mproc__task_end_next_look(const mproc_pool *pool)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < pool->worker_count; i++) {
        const struct worker *worker = pool_worker(pool, i);
        if (has_clock(worker) && worker->clock.due < next)
            next = worker->clock.due;
    }
    return next;
}
