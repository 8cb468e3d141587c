/* An event count: how threads sleep until a condition on shared memory holds, where the condition itself is not a word
 * that one could sleep on (a queue has messages, a queue has room).
 *
 * It is one platform_word: bit 0 says that somebody may be asleep, the rest counts notices. Who waits prepares, looks
 * at the condition once more, and sleeps while the word is as it was prepared. Who makes the condition true notifies.
 *
 * A notice takes the bit away and wakes one; that one puts the bit back when it prepares again, for there may be others
 * asleep, and when it leaves with the condition still true it notifies in turn. So while one is on its way nobody else
 * is woken: a burst of changes costs one wake, and sleepers come back one by one as long as there is something for
 * them. That leaves the gap that the lock has: the one on its way may be killed, and then nobody remembers the others.
 * They look by themselves when the death is announced, or at the end of their slice.
 *
 * Orders. Both sides store and then look at what the other one stores: the waiter the bit, then the condition; the
 * notifier the condition, then the bit. Each has a seq_cst fence in between, so that the one whose fence comes second
 * sees the other's store. If the waiter's fence is first, the notifier sees the bit, and changes the word before it
 * wakes: a waiter that is not asleep yet does not fall asleep (P1 of docs/DESIGN.md).
 */
#ifndef MPROC_WORD_EVENTCOUNT_H
#define MPROC_WORD_EVENTCOUNT_H

#include "base/base.h"
#include "platform.h"

#define EVENTCOUNT_SLEEPERS 1u
#define EVENTCOUNT_STEP     2u

/** Announces a sleeper. Returns the value to sleep on, once the condition was looked at again. */
static inline uint32_t eventcount_prepare(platform_word *word)
{
    /* Relaxed: the fence orders it before the look at the condition. */
    uint32_t seen = atomic_fetch_or_explicit(&word->value, EVENTCOUNT_SLEEPERS, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return seen | EVENTCOUNT_SLEEPERS;
}

/** The part of a notice that is rare. */
void mproc__eventcount_wake(platform_word *word, int count);

/** Wakes one sleeper, if the bit is set. Between the change of the condition and this call lies a seq_cst fence of the
 * caller's. */
static inline void eventcount_notify(platform_word *word)
{
    /* Relaxed: ordered by the caller's fence. */
    if (unlikely(atomic_load_explicit(&word->value, memory_order_relaxed) & EVENTCOUNT_SLEEPERS))
        mproc__eventcount_wake(word, 1);
}

#endif
