/* A lock as a condition sees it: an owned word, and how often its owner has taken it. An RLock is one; a condition
 * contains one or refers to one; a plain lock is one without the count.
 */
#ifndef MPROC_SYNC_RLOCK_H
#define MPROC_SYNC_RLOCK_H

#include "word/owned_word.h"

/** Which lock: what a call makes for itself. */
struct rlock {
    struct owned_word owned;
    /* Written by the owner of the word alone, so relaxed throughout: the word's own orders carry it from one owner to
     * the next, and what a dead one left is overwritten. NULL: the lock is not recursive, and anybody may release. */
    _Atomic uint32_t *depth;
};

/** The RLock with this handle. Errors: as mproc__object_find. */
int mproc__rlock_find(const uint64_t id[2], struct rlock *ret_lock);

/** As mproc_rlock_acquire, or mproc_lock_acquire without a depth; deadline_ns as for mproc__owned_acquire. */
int mproc__rlock_acquire(const struct rlock *lock, int64_t deadline_ns);

/** As mproc_rlock_release, or mproc_lock_release without a depth. */
int mproc__rlock_release(const struct rlock *lock);

/** Gives up a lock that the calling thread holds, however often it holds it. Returns how often. */
uint32_t mproc__rlock_release_all(const struct rlock *lock);

/** Takes it again, as often. Returns 0, MPROC_OWNER_DIED, MPROC_E_STALE. Waits without limit. */
int mproc__rlock_acquire_again(const struct rlock *lock, uint32_t depth);

static inline void rlock_set_depth(const struct rlock *lock, uint32_t depth)
{
    if (lock->depth != NULL)
        atomic_store_explicit(lock->depth, depth, memory_order_relaxed);
}

#endif
