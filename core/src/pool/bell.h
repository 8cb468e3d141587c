/* The bells: how a pool's workers notify the parent, and how the parent wakes its own threads. */
#ifndef MPROC_POOL_BELL_H
#define MPROC_POOL_BELL_H

#include "pool/pool_layout.h"

struct mproc_pool;

/** NOTIFY: wakes the thread behind an armed bell, once. need: the worker cannot go on without the parent; due: it has
 * reached notify_at or run out of work. The caller has published its change and then fenced, so that either the
 * parent's second look sees the change, or this sees the armed bell. */
static inline void bell_notify(struct pool_shared *shared, bool need, bool due)
{
    uint32_t user = atomic_load_explicit(&shared->user_bell.value, memory_order_relaxed);
    if (user == BELL_AWAKE)
        return;
    platform_word *bell = user != BELL_OFF ? &shared->user_bell : &shared->supervisor_bell;
    uint32_t state = atomic_load_explicit(&bell->value, memory_order_relaxed);
    if (!(state == BELL_ALL && (need || due)) && !(state == BELL_NEEDS && need))
        return;
    /* The CAS makes one of many notifiers pay for the wake. Killed between the two, a worker leaves the parent asleep
     * on a bell that is off, until the kernel reports this very death: that wakes it whatever the bell says. */
    if (atomic_compare_exchange_strong(&bell->value, &state, BELL_OFF))
        platform_wake(bell, 1);
}

/** Wakes whoever sleeps on the bell, armed or not. */
void mproc__bell_wake(platform_word *bell);
/** A task has ended: user threads that wait look again. Lock held. */
void mproc__bell_tell_waiters(struct mproc_pool *pool);
/** The same for those who do not watch a bell: the pool has ended, or the last callback has returned. Lock held. */
void mproc__bell_tell_followers(struct mproc_pool *pool);
/** Something has changed that whoever watches must see. No lock needed. */
void mproc__bell_wake_all(struct mproc_pool *pool);
/** For links: a worker has ended. No lock needed. */
void mproc__bell_worker_ended(struct mproc_pool *pool);
/** The supervisor has to look, if it is not to be left asleep: tasks are there, or somebody is to hear of completions.
 */
void mproc__bell_demand(struct mproc_pool *pool);
/** The supervisor has to look by then. Lock held. */
void mproc__bell_demand_by(struct mproc_pool *pool, int64_t deadline_ns);

#endif
