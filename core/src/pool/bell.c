/* Waking whoever watches a pool, from the parent's side. */
#include "pool/bell.h"
#include "family/activity.h"
#include "pool/pool.h"
#include "pool/pool_layout.h"

/* Wakes whoever sleeps on the bell, armed or not: a worker may have disarmed it and died before it came to the wake. */
void mproc__bell_wake(platform_word *bell)
{
    uint32_t state = atomic_load(&bell->value);
    if (state == BELL_NEEDS || state == BELL_ALL)
        atomic_compare_exchange_strong(&bell->value, &state, BELL_OFF);
    platform_wake(bell, 1);
}

void mproc__bell_wake_all(mproc_pool *pool)
{
    /* Pairs with the fence in ARM: the caller's change is seen by the second look, or we see the armed bell. */
    atomic_thread_fence(memory_order_seq_cst);
    mproc__bell_wake(&pool->shared->user_bell);
    mproc__bell_wake(&pool->shared->supervisor_bell);
}

void mproc__bell_worker_ended(mproc_pool *pool)
{
    atomic_store(&pool->news, true);
    mproc__bell_wake_all(pool);
}

void mproc__bell_demand(mproc_pool *pool)
{
    bool deaf = pool_announces(pool) &&
                atomic_load_explicit(&pool->shared->supervisor_bell.value, memory_order_relaxed) == BELL_NEEDS;
    if (pool->supervisor_idle || deaf)
        mproc__bell_wake(&pool->shared->supervisor_bell);
}

void mproc__bell_demand_by(mproc_pool *pool, int64_t deadline_ns)
{
    if (pool->supervised_till <= deadline_ns)
        return;
    /* Once is enough: it has woken, or is about to. */
    pool->supervised_till = 0;
    mproc__bell_wake(&pool->shared->supervisor_bell);
}

void mproc__bell_tell_followers(mproc_pool *pool)
{
    if (pool->followers > 0)
        platform_condition_broadcast(&pool->changed);
    if (unlikely(pool->watchers > 0))
        mproc__activity_announce();
}

void mproc__bell_tell_waiters(mproc_pool *pool)
{
    /* The leader is asleep, or it would hold the lock: a thread that collected in its place has to wake it. */
    if (pool->leading)
        mproc__bell_wake(&pool->shared->user_bell);
    mproc__bell_tell_followers(pool);
}
