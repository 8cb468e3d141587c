/* The supervisor: the pool's own thread, which collects when nobody waits, replaces workers, and sees to it that every
 * start and every end keeps its limits, and to all that parts of the pool do by the clock. It never runs user code. */
#include "pool/supervisor.h"
#include "base/error.h"
#include "pool/await.h"
#include "pool/bell.h"
#include "pool/collect.h"
#include "pool/end.h"
#include "pool/inquest.h"
#include "pool/link.h"
#include "pool/parts.h"
#include "pool/pool.h"
#include "pool/pool_layout.h"
#include "pool/schedule.h"
#include "pool/service.h"
#include "pool/staff.h"
#include "pool/state.h"
#include "pool/verdict.h"

/* While tasks are under way and their submitter comes by himself, the supervisor looks this often. */
#define TICK_FIRST_NS 1000000
#define TICK_LAST_NS  16000000

static void tend_late(mproc_pool *pool, struct worker *worker, const struct verdict *verdict)
{
    mproc__worker_kill(worker, verdict);
    if (verdict != &mproc__verdict_start_limit)
        return;
    mproc__error(MPROC_E_TIMEOUT, "a worker was not ready after %lld ms", (long long)pool->options.start_timeout_ms);
    mproc__pool_break(pool, MPROC_E_TIMEOUT, mproc_last_error(), NULL);
}

static void tend(mproc_pool *pool, struct worker *worker)
{
    /* Also one that is passed over because its rings make no sense. Collecting kills it. */
    bool matters = worker->in_flight > 0 || (worker->state == WORKER_READY && pool->pending.head != NULL);
    if (matters && !worker->mute && !link_check(worker->link))
        mproc__collect(worker);
    /* Also one that is leaving: it may have been sent off while its task, which nobody waits for any more, goes on. */
    if (mproc__pool_is_cut_short(pool))
        mproc__worker_kill(worker, &mproc__verdict_not_wanted);
    const struct verdict *late;
    if (mproc__staff_next_timer(worker, &late) > platform_now_ns())
        return;
    if (worker->state == WORKER_NONE)
        mproc__staff_replace(pool, worker);
    else
        tend_late(pool, worker, late);
}

static void tend_all(mproc_pool *pool)
{
    bool any = false;
    for (int i = 0; i < pool->worker_count; i++) {
        tend(pool, pool_worker(pool, i));
        any |= pool_worker(pool, i)->state != WORKER_NONE;
    }
    if (!any && pool->phase != POOL_OPEN && pool->outstanding == 0 && !pool->done) {
        pool->done = true;
        mproc__bell_tell_followers(pool);
    }
}

/* ---- Parking ---- */

struct parking {
    uint64_t attended; /**< pool->attended at the last look */
    int64_t tick_ns;
};

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static int64_t next_timer(const mproc_pool *pool)
{
    int64_t next = mproc__parts_next_look(pool);
    const struct verdict *late;
    for (int i = 0; i < pool->worker_count; i++)
        next = earlier(next, mproc__staff_next_timer(pool_worker(pool, i), &late));
    return next;
}

/* Whether completions have to wake this thread: somebody waits for them who does not come by, the pool is ending, or
 * there is work to hand out and the threads that submitted it do not come by. */
static bool wants_all(const mproc_pool *pool, bool attended)
{
    if (pool_announces(pool) || pool->phase != POOL_OPEN || pool->options.max_tasks_per_worker > 0)
        return true;
    return !attended && (pool->pending.head != NULL || pool->in_flight > 1);
}

static bool must_look_again(mproc_pool *pool, bool all)
{
    return pool->supervisor_stop || mproc__pool_has_news(pool, all && !pool->leading) || mproc__inquest_is_wanted(pool);
}

/* Until when to sleep. Without a limit only after a tick in which nothing happened: whoever submits then has to wake
 * this thread, which costs more than a task. */
static int64_t park_until(mproc_pool *pool, struct parking *parking, bool attended)
{
    int64_t until = next_timer(pool);
    /* A closed one is over with its last task, also if that is cancelled: nobody wakes this thread for it. */
    bool quiet = pool->outstanding == 0 || (pool->is_paused && pool->in_flight == 0 && pool->phase == POOL_OPEN);
    pool->supervisor_idle = quiet && !attended;
    if (quiet) {
        parking->tick_ns = TICK_FIRST_NS;
        /* Else the next task would find nobody to wake it for what goes by the clock. */
        if (pool->supervisor_idle)
            return until;
    }
    int64_t tick = platform_now_ns() + parking->tick_ns;
    if (parking->tick_ns < TICK_LAST_NS)
        parking->tick_ns *= 2;
    return earlier(tick, until);
}

static void park(mproc_pool *pool, struct parking *parking)
{
    platform_word *bell = &pool->shared->supervisor_bell;
    bool attended = pool->attended != parking->attended;
    bool all = wants_all(pool, attended);
    uint32_t state = all ? BELL_ALL : BELL_NEEDS;
    int64_t until = park_until(pool, parking, attended);
    parking->attended = pool->attended;
    if (all)
        mproc__schedule_thresholds(pool);
    /* ARM: pairs with NOTIFY and with mproc__bell_wake_all. */
    atomic_store(&bell->value, state);
    atomic_thread_fence(memory_order_seq_cst);
    if (!must_look_again(pool, all)) {
        pool->supervised_till = until;
        platform_mutex_unlock(&pool->lock);
        platform_wait(bell, state, NULL, 0, until);
        platform_mutex_lock(&pool->lock);
        pool->supervised_till = 0;
    }
    atomic_store(&bell->value, BELL_OFF);
    atomic_thread_fence(memory_order_seq_cst);
    pool->supervisor_idle = false;
}

void mproc__supervisor_main(void *argument)
{
    mproc_pool *pool = argument;
    struct parking parking = { .tick_ns = TICK_FIRST_NS };
    platform_mutex_lock(&pool->lock);
    while (!pool->supervisor_stop) {
        /* By the clock, while whoever waits for a single task sleeps: service looks at several only. */
        if (pool->in_flight == 1)
            mproc__schedule_notice_slow(pool);
        mproc__pool_service(pool);
        mproc__service_bury(pool);
        mproc__inquest_hold(pool);
        mproc__parts_look(pool);
        tend_all(pool);
        park(pool, &parking);
    }
    platform_mutex_unlock(&pool->lock);
}
