/* How a thread of the program's waits for a pool: one leads and watches the bell, the others follow. */
#include "pool/await.h"
#include "pool/bell.h"
#include "pool/link.h"
#include "pool/pool.h"
#include "pool/pool_layout.h"
#include "pool/schedule.h"
#include "pool/service.h"
#include "word/spin.h"

static bool any_shows(const mproc_pool *pool, const struct worker_set *set, unsigned signs)
{
    const struct worker *worker = pool_next(pool, set, 0);
    for (; worker != NULL; worker = pool_next(pool, set, worker->index + 1))
        if (worker->link != NULL && !worker->mute && link_look(worker->link, signs))
            return true;
    return false;
}

bool mproc__pool_has_news(mproc_pool *pool, bool all)
{
    if (atomic_load(&pool->news) || any_shows(pool, &pool->starting, LINK_READY))
        return true;
    if (any_shows(pool, &pool->engaged, LINK_STUCK | (all ? LINK_COMPLETED : 0)))
        return true;
    /* Room that a task in the queue waits for: its PASS notified nobody if it came while this thread looked. */
    return all && pool->pending.head != NULL && any_shows(pool, &pool->crowded, LINK_MADE_ROOM);
}

#define WATCHED_MAX 64

/* What a spinning thread looks at without the lock: words and the values that end its spin. */
struct watch_list {
    int count;
    struct {
        const _Atomic uint32_t *stamp;
        uint32_t awaited;
    } words[WATCHED_MAX];
};

static void watch_workers(mproc_pool *pool, struct watch_list *list)
{
    list->count = 0;
    const struct worker *worker = pool_next(pool, &pool->engaged, 0);
    for (; worker != NULL && list->count < WATCHED_MAX; worker = pool_next(pool, &pool->engaged, worker->index + 1)) {
        if (worker->mute)
            continue;
        list->words[list->count].stamp = link_watch(worker->link, &list->words[list->count].awaited);
        list->count += list->words[list->count].stamp != NULL;
    }
}

static bool seen(mproc_pool *pool, const struct watch_list *list)
{
    for (int i = 0; i < list->count; i++)
        if (atomic_load_explicit(list->words[i].stamp, memory_order_relaxed) == list->words[i].awaited)
            return true;
    return atomic_load_explicit(&pool->news, memory_order_relaxed);
}

/* Spinning pays while a CPU is free for it, or tasks are so short that one ends within the spin. */
static bool may_spin(const mproc_pool *pool)
{
    if (pool->cpus < 2 || pool->in_flight == 0)
        return false;
    if (pool->mean_ns >= 0 && pool->mean_ns < pool->spin_ns / 4)
        return true;
    return mproc__schedule_busy(pool) < pool->cpus;
}

static void spin(mproc_pool *pool, const struct watch_list *list, int64_t deadline_ns)
{
    struct spin spin = mproc__spin_begin_for(SPIN_PRIVATE, pool->spin_ns, deadline_ns);
    while (!seen(pool, list) && spin_on(&spin))
        ;
}

static void spin_unlocked(mproc_pool *pool, int64_t deadline_ns)
{
    struct watch_list list;
    if (!may_spin(pool))
        return;
    watch_workers(pool, &list);
    atomic_store_explicit(&pool->shared->user_bell.value, BELL_AWAKE, memory_order_relaxed);
    platform_mutex_unlock(&pool->lock);
    spin(pool, &list, deadline_ns);
    platform_mutex_lock(&pool->lock);
}

static void sleep_unlocked(mproc_pool *pool, int64_t deadline_ns)
{
    platform_word *bell = &pool->shared->user_bell;
    /* From now on somebody has to look by the clock. */
    mproc__bell_demand(pool);
    mproc__schedule_waits(pool);
    /* ARM: pairs with NOTIFY. Either this second look sees the completion, or its worker sees the bell. */
    atomic_store(&bell->value, BELL_ALL);
    atomic_thread_fence(memory_order_seq_cst);
    if (mproc__pool_has_news(pool, true))
        return;
    platform_mutex_unlock(&pool->lock);
    platform_wait(bell, BELL_ALL, NULL, 0, deadline_ns);
    int64_t now = platform_now_ns();
    platform_mutex_lock(&pool->lock);
    pool->woken_at = now;
}

/* Watches the bell for all user threads that wait: once by spinning, after that asleep. What another thread has
 * collected meanwhile shows in the caller's own condition only, which it looks at between the two. */
static void lead(mproc_pool *pool, bool asleep, int64_t deadline_ns)
{
    pool->leading = true;
    if (asleep)
        sleep_unlocked(pool, deadline_ns);
    else
        spin_unlocked(pool, deadline_ns);
    /* Nobody notified while it was AWAKE; the look that mproc__pool_wait takes after this is ordered by the fence, and
     * the store before it need not order more. */
    atomic_store_explicit(&pool->shared->user_bell.value, BELL_OFF, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    pool->leading = false;
}

static void follow(mproc_pool *pool, int64_t deadline_ns)
{
    pool->followers++;
    platform_condition_wait(&pool->changed, &pool->lock, deadline_ns);
    pool->followers--;
}

int mproc__pool_wait(mproc_pool *pool, bool (*done)(void *argument), void *argument, int64_t deadline_ns)
{
    bool led = false, spun = false;
    int code = 0;
    while (!done(argument)) {
        pool->attended++;
        if (mproc__pool_service(pool)) {
            spun = false;
            continue;
        }
        if (deadline_ns == 0 || (deadline_ns != INT64_MAX && platform_now_ns() >= deadline_ns)) {
            code = MPROC_E_TIMEOUT;
            break;
        }
        if (pool->leading) {
            follow(pool, deadline_ns);
            continue;
        }
        lead(pool, spun, deadline_ns);
        led = spun = true;
    }
    if (!led)
        return code;
    /* Whoever notified this thread, or nobody on its account, has not notified the supervisor: so all that it could
     * have been about is looked at, a new worker that is ready too. */
    if (mproc__pool_has_news(pool, true))
        mproc__pool_service(pool);
    if (pool->followers > 0)
        platform_condition_broadcast(&pool->changed);
    return code;
}
