/* How many workers: growing while tasks wait, shrinking when workers have none, and resizing. */
#include "pool/size.h"
#include "base/error.h"
#include "base/options.h"
#include "pool/bell.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/schedule.h"
#include "pool/service.h"
#include "pool/staff.h"
#include "pool/state.h"
#include <mproc/init.h>
#include <stdlib.h>

/* Tasks wait: for so long, before a worker is started for them. */
#define GROW_AFTER_NS 1000000
/* And so much of them makes another worker worth its start. */
#define GROW_WORTH_NS 1000000
/* More than this need not be counted. */
#define WAITING_MAX 1000000

/* ---- Limits ---- */

int mproc__size_check(int min_workers, int workers)
{
    if (workers < 0)
        return mproc__error(MPROC_E_INVALID, "%d workers", workers);
    if (min_workers < 0)
        return mproc__error(MPROC_E_INVALID, "%d min_workers", min_workers);
    if (workers > POOL_MAX_WORKERS)
        return mproc__error(MPROC_E_LIMIT, "%d workers, at most %d", workers, POOL_MAX_WORKERS);
    if (min_workers == 0)
        return 0;
    int most = workers > 0 ? workers : mproc_get_cpu_count();
    if (min_workers > most)
        return mproc__error(MPROC_E_INVALID, "%d min_workers, and %d workers at most", min_workers, most);
    return 0;
}

int mproc__size_check_options(const mproc_pool_options *options)
{
    const struct option_count counts[] = { { "workers", options->workers },
                                           { "min_workers", options->min_workers },
                                           { "idle_timeout_ms", options->idle_timeout_ms } };
    int code = mproc__options_check_counts(counts, sizeof counts / sizeof *counts);
    return code < 0 ? code : mproc__size_check(options->min_workers, options->workers);
}

static void set_limits(mproc_pool *pool, int min_workers, int workers)
{
    pool->options.workers = workers;
    /* The number of CPUs, of which there were enough a moment ago, may have changed. */
    pool->options.min_workers = min_workers > 0 && min_workers < workers ? min_workers : workers;
    if (pool->default_restarts)
        pool->options.max_restarts = 16 + 4 * pool->options.workers;
}

int mproc__size_open(mproc_pool *pool)
{
    int workers = pool->options.workers;
    if (workers == 0)
        mproc__pool_count_cpus(pool);
    pool->default_restarts = pool->options.max_restarts == 0;
    set_limits(pool, pool->options.min_workers, workers > 0 ? workers : pool->cpus);
    pool->target = pool->options.min_workers;
    return 0;
}

bool mproc__size_may_grow(const mproc_pool *pool)
{
    return pool->target < pool->options.workers;
}

/* Those that are missing then are additional, as far as they were not to be there before. */
static void aim_at(mproc_pool *pool, int target)
{
    int missing = target > pool->present ? target - pool->present : 0;
    if (target > pool->target)
        pool->additional += target - pool->target;
    if (pool->additional > missing)
        pool->additional = missing;
    pool->target = target;
}

/* ---- Growing ---- */

/* Tasks that no worker has begun, as far as is known; of the map that is next, its items. */
static size_t count_waiting(const mproc_pool *pool)
{
    const struct job *next = pool->pending.head;
    size_t count = pool->pending_count;
    if (next != NULL && next->kind == JOB_KIND_MAP)
        count += next->extra.batch->count - next->extra.batch->next;
    const struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL; worker = pool_next(pool, &pool->engaged, worker->index + 1))
        count += worker->in_flight - 1;
    return count < WAITING_MAX ? count : WAITING_MAX;
}

/* As many as have work of their own worth a start. */
static int worth_starting(const mproc_pool *pool, size_t waiting)
{
    size_t more = waiting;
    if (pool->mean_ns >= 0 && pool->mean_ns < GROW_WORTH_NS)
        more = 1 + waiting * (size_t)pool->mean_ns / GROW_WORTH_NS;
    size_t most = (size_t)(pool->options.workers - pool->target);
    return (int)(more < most ? more : most);
}

/* Step by step: those that are being started may be enough. */
static void consider_growing(mproc_pool *pool, int64_t now)
{
    size_t waiting = pool->is_paused ? 0 : count_waiting(pool);
    if (waiting == 0 || !mproc__schedule_could_use_more(pool)) {
        pool->waiting_since = 0;
    } else if (pool->waiting_since == 0) {
        pool->waiting_since = now;
    } else if (now - pool->waiting_since >= GROW_AFTER_NS && pool->present >= pool->target &&
               pool_next(pool, &pool->starting, 0) == NULL) {
        pool->waiting_since = now;
        aim_at(pool, pool->target + worth_starting(pool, waiting));
    }
}

/* ---- Shrinking ---- */

static bool may_shrink(const mproc_pool *pool)
{
    return pool->options.idle_timeout_ms > 0 && pool->target > pool->options.min_workers;
}

static bool is_idle(const struct worker *worker)
{
    return worker->state == WORKER_READY && worker->in_flight == 0 && !worker->mute && worker_has_place(worker);
}

/* Without a clock per task: whoever has been given something since the last look is idle from this look on. */
static void note_idle(struct worker *worker, int64_t now)
{
    if (!is_idle(worker)) {
        worker->idle_since = 0;
    } else if (worker->idle_since == 0 || worker->idle_given != worker->given) {
        worker->idle_since = now;
        worker->idle_given = worker->given;
    }
}

static int64_t idle_until(const mproc_pool *pool, const struct worker *worker)
{
    int64_t most = INT64_MAX / 1000000 / 2, limit_ms = pool->options.idle_timeout_ms;
    return worker->idle_since + (limit_ms < most ? limit_ms : most) * 1000000;
}

/* The last first: tasks are given to the first ones in preference. */
static void consider_shrinking(mproc_pool *pool, int64_t now)
{
    for (int i = pool->worker_count; i-- > 0 && may_shrink(pool);) {
        struct worker *worker = pool_worker(pool, i);
        note_idle(worker, now);
        if (worker->idle_since == 0 || now < idle_until(pool, worker))
            continue;
        mproc__staff_send_off(worker);
        aim_at(pool, pool->target - 1);
    }
}

int64_t mproc__size_next_look(const mproc_pool *pool)
{
    int64_t next = INT64_MAX;
    if (!may_shrink(pool) || pool->phase != POOL_OPEN)
        return next;
    for (int i = 0; i < pool->worker_count; i++) {
        const struct worker *worker = pool_worker(pool, i);
        if (!is_idle(worker) || worker->idle_since == 0)
            continue;
        int64_t until = idle_until(pool, worker);
        next = until < next ? until : next;
    }
    return next;
}

void mproc__size_look(mproc_pool *pool)
{
    bool fixed = pool->options.min_workers == pool->options.workers;
    mproc__staff_trim(pool);
    if (fixed || !mproc__pool_needs_workers(pool))
        return;
    int64_t now = platform_now_ns();
    if (mproc__size_may_grow(pool))
        consider_growing(pool, now);
    if (may_shrink(pool) && pool->phase == POOL_OPEN)
        consider_shrinking(pool, now);
}

/* ---- Resizing ---- */

/* Room for another number of workers: nothing else is changed if there is none. */
static int make_room(mproc_pool *pool, int workers)
{
    if (pool->default_restarts) {
        size_t restarts = 16 + 4 * (size_t)workers;
        int64_t *times = pool->death_times;
        if (restarts >= (size_t)pool->death_count)
            times = realloc(times, (restarts + 2) * sizeof *times);
        if (times == NULL)
            return mproc__error(MPROC_E_NO_MEMORY, "%zu restarts", restarts);
        pool->death_times = times;
    }
    return workers > pool->worker_count ? mproc__staff_grow(pool, workers) : 0;
}

int mproc__size_set(mproc_pool *pool, int min_workers, int workers)
{
    if (mproc__pool_is_cut_short(pool))
        return mproc__pool_open_check(pool);
    int code = make_room(pool, workers);
    if (code < 0)
        return code;
    set_limits(pool, min_workers, workers);
    mproc__staff_count(pool);
    int target = pool->target < pool->options.workers ? pool->target : pool->options.workers;
    aim_at(pool, target > pool->options.min_workers ? target : pool->options.min_workers);
    for (int i = pool->options.workers; i < pool->worker_count; i++)
        mproc__flight_take_back(pool_worker(pool, i), pool_worker(pool, i)->in_flight);
    mproc__pool_service(pool);
    mproc__bell_wake(&pool->shared->supervisor_bell);
    return 0;
}

int mproc_pool_resize(mproc_pool *pool, int min_workers, int workers)
{
    int code = mproc__pool_check(pool);
    if (code == 0)
        code = mproc__size_check(min_workers, workers);
    if (code < 0)
        return code;
    if (workers == 0)
        workers = mproc_get_cpu_count();
    platform_mutex_lock(&pool->lock);
    code = mproc__size_set(pool, min_workers, workers);
    platform_mutex_unlock(&pool->lock);
    return code;
}
