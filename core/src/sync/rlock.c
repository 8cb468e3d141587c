/* The RLock: an owned word and a depth. */
#include "sync/rlock.h"
#include "base/base.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/object.h"
#include "sync/sync_layout.h"
#include "word/owned_word.h"
#include <mproc/rlock.h>

static struct rlock_object *object_of(struct family_block *block)
{
    return (struct rlock_object *)(block + 1);
}

static uint32_t depth_of(const struct rlock *lock)
{
    return atomic_load_explicit(lock->depth, memory_order_relaxed);
}

int mproc__rlock_find(const uint64_t id[2], struct rlock *ret_lock)
{
    int code = mproc__owned_find(FAMILY_RLOCK, id, &ret_lock->owned);
    if (code == 0)
        ret_lock->depth = &object_of(ret_lock->owned.block)->depth;
    return code;
}

/* ---- As any holder of such a lock does ---- */

/* Once more, by the owner. DIED stays until the repair, and is his to hear of each time. */
static int acquire_deeper(const struct rlock *lock)
{
    if (depth_of(lock) == UINT32_MAX)
        return mproc__object_error(MPROC_E_LIMIT, lock->owned.type, lock->owned.block,
                                   ", which is held 4294967295 times");
    rlock_set_depth(lock, depth_of(lock) + 1);
    return owned_outcome(lock->owned.word);
}

/* What is to be noted once the word is taken, if it is. Returns the code. */
static int acquired(const struct rlock *lock, int code, uint32_t depth)
{
    if (code < 0)
        return code;
    rlock_set_depth(lock, depth);
    thread_slot_took(mproc__self.caller);
    return code;
}

int mproc__rlock_acquire(const struct rlock *lock, int64_t deadline_ns)
{
    if (lock->depth != NULL && owned_by_self(lock->owned.word))
        return acquire_deeper(lock);
    return acquired(lock, mproc__owned_acquire(&lock->owned, deadline_ns), 1);
}

int mproc__rlock_release(const struct rlock *lock)
{
    if (lock->depth == NULL)
        return mproc__owned_release_any(&lock->owned);
    if (!owned_by_self(lock->owned.word))
        return mproc__object_error(MPROC_E_NOT_OWNER, lock->owned.type, lock->owned.block,
                                   ", which the calling thread does not hold");
    uint32_t depth = depth_of(lock) - 1;
    rlock_set_depth(lock, depth);
    if (depth == 0)
        mproc__owned_release(&lock->owned);
    return 0;
}

uint32_t mproc__rlock_release_all(const struct rlock *lock)
{
    uint32_t depth = lock->depth != NULL ? depth_of(lock) : 1;
    rlock_set_depth(lock, 0);
    mproc__owned_release(&lock->owned);
    return depth;
}

int mproc__rlock_acquire_again(const struct rlock *lock, uint32_t depth)
{
    return acquired(lock, mproc__owned_acquire(&lock->owned, INT64_MAX), depth);
}

/* ---- The RLock itself ---- */

_Static_assert(STRUCT_ENDS_WITH(mproc_rlock_options, name), "it can grow");

int mproc_rlock_create_(mproc_rlock *ret_rlock, const mproc_rlock_options *options, size_t options_size)
{
    if (ret_rlock == NULL)
        return mproc__error_null("ret_rlock");
    mproc_rlock_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    mproc_rlock rlock;
    void *object;
    code = mproc__object_new(FAMILY_RLOCK, 0, sizeof(struct rlock_object), options->name, rlock.id, &object);
    if (code < 0)
        return code;
    mproc__object_publish(rlock.id);
    *ret_rlock = rlock;
    return 0;
}

int mproc_rlock_destroy(mproc_rlock rlock)
{
    struct rlock lock;
    int code = mproc__rlock_find(rlock.id, &lock);
    return code < 0 ? code : mproc__owned_destroy(&lock.owned);
}

int mproc_rlock_acquire(mproc_rlock rlock, int64_t timeout_ms)
{
    struct rlock lock;
    int code = mproc__rlock_find(rlock.id, &lock);
    family_called_from(RETURN_ADDRESS());
    return code < 0 ? code : mproc__rlock_acquire(&lock, mproc__deadline(timeout_ms));
}

int mproc_rlock_release(mproc_rlock rlock)
{
    struct rlock lock;
    int code = mproc__rlock_find(rlock.id, &lock);
    return code < 0 ? code : mproc__rlock_release(&lock);
}

int mproc_rlock_repaired(mproc_rlock rlock)
{
    struct rlock lock;
    int code = mproc__rlock_find(rlock.id, &lock);
    return code < 0 ? code : mproc__owned_repaired(&lock.owned);
}

bool mproc_rlock_is_locked(mproc_rlock rlock)
{
    struct rlock lock;
    int code = mproc__rlock_find(rlock.id, &lock);
    return mproc__answer(code < 0 ? code : mproc__owned_is_taken(&lock.owned));
}
