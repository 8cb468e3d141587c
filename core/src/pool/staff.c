/* Starting workers, and ending them: who is there, who is to go, and what becomes of who is not. */
#include "pool/staff.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/options.h"
#include "pool/bell.h"
#include "pool/collect.h"
#include "pool/end.h"
#include "pool/flight.h"
#include "pool/inquest.h"
#include "pool/link.h"
#include "pool/memory_limit.h"
#include "pool/notes.h"
#include "pool/obituary.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "pool/state.h"
#include "pool/task_end.h"
#include "pool/verdict.h"
#include "process/task.h"
#include <stdlib.h>

#define RESTART_WINDOW_MS 1000
/* A process that could not be started is tried again after this, within the restart limit. */
#define RETRY_NS 20000000

/* A pool that is over has nothing to be broken for; and the table has room for the death that breaks it and no more. */
static void note_death(mproc_pool *pool, const char *what, struct remains *remains)
{
    if (mproc__pool_is_cut_short(pool) || pool->options.max_restarts > POOL_RESTARTS_MAX)
        return;
    int64_t now = platform_now_ns(), window = pool->options.restart_window_ms * 1000000;
    int kept = 0;
    for (int i = 0; i < pool->death_count; i++)
        if (now - pool->death_times[i] < window)
            pool->death_times[kept++] = pool->death_times[i];
    pool->death_times[kept++] = now;
    pool->death_count = kept;
    if (kept <= pool->options.max_restarts)
        return;
    mproc__error(MPROC_E_BROKEN, "%d workers ended unexpectedly within %lld ms, the limit is %d; the last: %s", kept,
                 (long long)pool->options.restart_window_ms, pool->options.max_restarts, what);
    mproc__pool_break(pool, MPROC_E_BROKEN, mproc_last_error(), remains);
}

void mproc__staff_count(mproc_pool *pool)
{
    pool->present = 0;
    for (int i = 0; i < pool->worker_count; i++)
        pool->present += worker_is_present(pool_worker(pool, i));
}

/* Whether there is to be a worker in this place, as far as the place and the pool's end go. */
static bool has_use(const struct worker *worker)
{
    return worker_has_place(worker) && mproc__pool_needs_workers(worker->pool);
}

bool mproc__staff_wants(const struct worker *worker)
{
    return has_use(worker) && worker->pool->present < worker->pool->target;
}

int64_t mproc__staff_next_timer(const struct worker *worker, const struct verdict **ret_verdict)
{
    *ret_verdict = worker->state == WORKER_STARTING ? &mproc__verdict_start_limit : &mproc__verdict_not_wanted;
    if (worker->state == WORKER_NONE)
        return mproc__staff_wants(worker) ? worker->retry_at : INT64_MAX;
    if (worker->link == NULL || worker->killed)
        return INT64_MAX;
    if (worker->state == WORKER_STARTING)
        return worker->start_deadline;
    return worker->state == WORKER_LEAVING ? worker->exit_deadline : INT64_MAX;
}

/* ---- Starting ---- */

/* The account is of all that come to live there. */
static void init(struct worker *worker, mproc_pool *pool, int index)
{
    *worker =
        (struct worker){ .pool = pool, .index = index, .verdict = &mproc__verdict_died, .account = worker->account };
}

int mproc__staff_grow(mproc_pool *pool, int count)
{
    struct worker **workers = realloc(pool->workers, (size_t)count * sizeof(struct worker *));
    if (workers == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%d workers", count);
    pool->workers = workers;
    while (pool->worker_count < count) {
        struct worker *worker = calloc(1, sizeof *worker);
        if (worker == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "%d workers", count);
        init(worker, pool, pool->worker_count);
        workers[pool->worker_count++] = worker;
    }
    return 0;
}

int mproc__staff_check(const mproc_pool_options *options)
{
    const struct option_count counts[] = { { "exit_timeout_ms", options->exit_timeout_ms },
                                           { "start_timeout_ms", options->start_timeout_ms },
                                           { "max_tasks_per_worker", options->max_tasks_per_worker },
                                           { "max_restarts", options->max_restarts },
                                           { "restart_window_ms", options->restart_window_ms } };
    return mproc__options_check_counts(counts, sizeof counts / sizeof *counts);
}

int mproc__staff_open(mproc_pool *pool)
{
    mproc_pool_options *options = &pool->options;
    size_t restarts = options->max_restarts <= POOL_RESTARTS_MAX ? (size_t)options->max_restarts : 0;
    if (options->restart_window_ms == 0)
        options->restart_window_ms = RESTART_WINDOW_MS;
    pool->death_times = calloc(restarts + 2, sizeof *pool->death_times);
    if (pool->death_times == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "%d restarts", options->max_restarts);
    return mproc__staff_grow(pool, options->workers);
}

void mproc__staff_close(mproc_pool *pool)
{
    for (int i = 0; i < pool->worker_count; i++)
        free(pool->workers[i]);
    free(pool->workers);
    free(pool->death_times);
    pool->workers = NULL;
    pool->death_times = NULL;
    pool->worker_count = 0;
}

/* The last one. What was done there stays counted. */
static void drop_place(mproc_pool *pool)
{
    struct worker *worker = pool->workers[--pool->worker_count];
    pool->stats.busy_ns += (uint64_t)worker->account.busy_ns;
    free(worker);
}

void mproc__staff_trim(mproc_pool *pool)
{
    while (pool->worker_count > pool->options.workers &&
           pool_worker(pool, pool->worker_count - 1)->state == WORKER_NONE)
        drop_place(pool);
}

static void see_ready(struct worker *worker)
{
    struct link_birth birth = link_birth(worker->link);
    worker_become(worker, WORKER_READY);
    mproc__worker_account_ready(&worker->account, birth.ready, birth.init_ticks);
}

/* Starts a worker and waits until it is made. */
static int start_one(mproc_pool *pool, int index, struct link **ret_link, int64_t *ret_pid)
{
    struct link *link = NULL;
    int code = MPROC_E_PEER_DIED;
    /* Whoever makes them may have died before it was known. The next one has not had the time to. */
    for (int tries = 0; tries < 2 && code == MPROC_E_PEER_DIED; tries++) {
        code = pool->ops->start(pool, index, &link);
        if (code == 0)
            code = link_settle(link, ret_pid);
    }
    if (code == 0)
        *ret_link = link;
    if (code == MPROC_E_PEER_DIED)
        code = mproc__error(MPROC_E_START_FAILED, "the template process, or the fork server, died twice");
    return code;
}

static int begin_start(struct worker *worker)
{
    worker_become(worker, WORKER_STARTING);
    mproc__worker_account_begin(&worker->account, platform_ticks());
    return worker->pool->ops->start(worker->pool, worker->index, &worker->link);
}

static int settle_start(struct worker *worker)
{
    int code = link_settle(worker->link, &worker->pid);
    if (code < 0)
        worker->link = NULL;
    return code;
}

/* Of workers as many as there are CPUs beside the one that hands out tasks. */
static void allow_spinning(mproc_pool *pool)
{
    mproc__pool_count_cpus(pool);
    atomic_store_explicit(&pool->shared->spin_limit, (uint32_t)(pool->cpus - 1), memory_order_relaxed);
}

/* The next ones are prepared while the first are being made. What was begun is settled whatever happens; a failure
 * leaves workers without a link. */
static int start_ahead(mproc_pool *pool)
{
    int begun = 0, settled = 0, code = 0;
    while (code == 0 && begun < pool->target) {
        if (begun - settled == LINK_STARTS_AHEAD)
            code = settle_start(pool_worker(pool, settled++));
        if (code == 0)
            code = begin_start(pool_worker(pool, begun));
        begun += code == 0;
    }
    allow_spinning(pool);
    while (settled < begun) {
        int result = settle_start(pool_worker(pool, settled++));
        code = result < 0 ? result : code;
    }
    return code;
}

/* Those that have none, since whoever makes them was gone. */
static int start_others(mproc_pool *pool)
{
    int code = 0;
    for (int i = 0; i < pool->target && code == 0; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (worker->link == NULL) {
            worker_become(worker, WORKER_STARTING);
            code = start_one(pool, i, &worker->link, &worker->pid);
        }
    }
    return code;
}

/* All are started before the first is waited for: their starts overlap. */
int mproc__staff_start(mproc_pool *pool)
{
    int64_t deadline = mproc__deadline(pool->options.start_timeout_ms);
    int code = start_ahead(pool);
    if (code == MPROC_E_PEER_DIED)
        code = start_others(pool);
    if (code < 0)
        return code;
    for (int i = 0; i < pool->target; i++) {
        code = link_await(pool_worker(pool, i)->link, deadline);
        if (code == 0)
            code = mproc__memory_limit_check(pool_worker(pool, i));
        if (code < 0)
            return code;
        see_ready(pool_worker(pool, i));
    }
    return 0;
}

/* Whether it replaces one that has been there. Decided before it is started, after which it is missing no more. */
static bool take_replacement(mproc_pool *pool)
{
    if (pool->additional == 0)
        return true;
    pool->additional--;
    return false;
}

/* Whether a worker that failed to start for this reason would fail again, for ever. */
static bool hopeless(int code)
{
    return code == MPROC_E_INIT_FAILED || code == MPROC_E_NO_FUNCTION || code == MPROC_E_MISMATCH;
}

static void note_failed_start(mproc_pool *pool, int code, const char *what)
{
    if (hopeless(code))
        mproc__pool_break(pool, code, what, NULL);
    else
        note_death(pool, what, NULL);
}

/* In no place before that: a pool that may grow has many. */
static void delay_starts(mproc_pool *pool)
{
    int64_t retry_at = platform_now_ns() + RETRY_NS;
    for (int i = 0; i < pool->worker_count; i++)
        pool_worker(pool, i)->retry_at = retry_at;
}

void mproc__staff_replace(mproc_pool *pool, struct worker *worker)
{
    struct link *link;
    int64_t pid;
    bool replaces = take_replacement(pool);
    worker_become(worker, WORKER_STARTING);
    worker_set_add(&pool->starting, worker->index);
    int64_t begun = platform_ticks();
    platform_mutex_unlock(&pool->lock);
    int code = start_one(pool, worker->index, &link, &pid);
    platform_mutex_lock(&pool->lock);
    if (code == 0) {
        mproc__worker_account_begin(&worker->account, begun);
        worker->link = link;
        worker->pid = pid;
        worker->start_deadline = mproc__deadline(pool->options.start_timeout_ms);
        pool->stats.restarts += replaces;
        mproc__note_started(worker);
        /* It may have died before its link was known here. */
        atomic_store(&pool->news, true);
        return;
    }
    worker_set_remove(&pool->starting, worker->index);
    worker_become(worker, WORKER_NONE);
    pool->additional += !replaces;
    delay_starts(pool);
    mproc__log(MPROC_LOG_WARNING, "%s: a worker could not be started: %s", pool->name, mproc_last_error());
    note_failed_start(pool, code, mproc_last_error());
}

bool mproc__staff_see_ready(mproc_pool *pool)
{
    bool any = false;
    struct worker *worker = pool_next(pool, &pool->starting, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->starting, worker->index + 1)) {
        if (worker->link == NULL || !link_look(worker->link, LINK_READY))
            continue;
        worker_set_remove(&pool->starting, worker->index);
        see_ready(worker);
        any = true;
    }
    return any;
}

/* ---- Ending ---- */

/* Its place is free for the next. The link is freed later: a user thread that spins looks at it without the lock, and
 * whoever waits for the task that has ended with the worker is told first. */
static void vacate(struct worker *worker)
{
    mproc_pool *pool = worker->pool;
    /* A dead worker's bit must not keep others from spinning. */
    atomic_fetch_and_explicit(&pool->shared->spinners[worker->index / 64], ~(1ull << worker->index % 64),
                              memory_order_relaxed);
    worker_set_remove(&pool->starting, worker->index);
    worker_set_remove(&pool->touched, worker->index);
    worker_set_remove(&pool->crowded, worker->index);
    worker_set_remove(&pool->stalled, worker->index);
    pool->retiring -= worker->is_retiring;
    mproc__link_defer(worker->link, &pool->deferred);
    worker_become(worker, WORKER_NONE);
    init(worker, pool, worker->index);
}

/* What the death of a worker means for its pool. remains: of one that died before it was ready, whose stack no task's
 * outcome has. */
static void weigh_death(mproc_pool *pool, const struct verdict *verdict, int start_code, const char *text,
                        struct remains *remains)
{
    if (verdict->is_expected)
        return;
    pool->stats.deaths++;
    if (hopeless(start_code))
        mproc__pool_break(pool, start_code, text, NULL);
    else if (verdict->is_counted)
        note_death(pool, text, remains);
}

static void reap(mproc_pool *pool, struct worker *worker)
{
    struct link_end end = { .crash = NULL };
    char text[TASK_MESSAGE_BYTES];
    struct obituary obituary;
    bool is_starting = worker->state == WORKER_STARTING;
    link_why(worker->link, is_starting, &end);
    /* What it had published may yet show that it broke the protocol. */
    mproc__collect(worker);
    mproc__task_end_settle(worker);
    const struct verdict *verdict = worker->verdict;
    mproc__verdict_text(worker, &end, text, sizeof text);
    mproc__obituary_begin(&obituary, worker, text);
    uint64_t retried = pool->stats.retried;
    struct remains *remains = mproc__collect_orphans(worker, text, &end);
    mproc__obituary_end(&obituary, pool, &end, remains, pool->stats.retried != retried);
    mproc__worker_account_end(&worker->account, end.exit_code, text);
    vacate(worker);
    weigh_death(pool, verdict, end.start_code, text, is_starting ? remains : NULL);
    mproc__remains_put(remains);
}

bool mproc__staff_reap_the_dead(mproc_pool *pool)
{
    /* Cleared before the look, so that a death after it is seen next time. Mostly there are none, and a look costs less
     * than an exchange. */
    if (!atomic_load(&pool->news) || !atomic_exchange(&pool->news, false))
        return false;
    for (int i = 0; i < pool->worker_count; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (worker->link == NULL || !link_look(worker->link, LINK_ENDED))
            continue;
        if (mproc__inquest_is_due(worker))
            mproc__bell_wake(&pool->shared->supervisor_bell);
        else
            reap(pool, worker);
    }
    return true;
}

void mproc__staff_send_off(struct worker *worker)
{
    worker_become(worker, WORKER_LEAVING);
    if (worker->verdict == &mproc__verdict_died)
        worker->verdict = &mproc__verdict_not_wanted;
    worker->exit_deadline = mproc__deadline(worker->pool->options.exit_timeout_ms);
    link_send(worker->link, NULL);
    link_kick(worker->link);
    /* It keeps the time limit. */
    mproc__bell_wake(&worker->pool->shared->supervisor_bell);
}

void mproc__staff_release_if_done(struct worker *worker)
{
    const mproc_pool *pool = worker->pool;
    int64_t most = pool->options.max_tasks_per_worker;
    /* Of a pool that is cut short the supervisor kills them: one that went by itself just then would leave behind what
     * it has started. */
    if (worker->killed || mproc__pool_is_cut_short(pool))
        return;
    bool used_up = (most > 0 && worker->given >= (uint64_t)most) || worker->is_retiring;
    if (used_up || !has_use(worker))
        mproc__staff_send_off(worker);
}

void mproc__staff_retire(struct worker *worker)
{
    if (!worker_is_up(worker) || worker->is_retiring)
        return;
    worker->is_retiring = true;
    worker->pool->retiring++;
    mproc__flight_take_back(worker, worker->in_flight);
}

void mproc__staff_end(mproc_pool *pool)
{
    for (int i = 0; i < pool->worker_count; i++)
        mproc__worker_kill(pool_worker(pool, i), &mproc__verdict_not_wanted);
    for (int i = 0; i < pool->worker_count; i++) {
        struct worker *worker = pool_worker(pool, i);
        if (worker->link != NULL)
            mproc__link_free(worker->link);
        init(worker, pool, i);
    }
}
