/* The lock: one owned word, the block's own. What is here beside calls of owned_word.c is the usual case, which is all
 * that most programs ever run: a free lock taken, and given up with nobody asleep.
 */
#include "base/base.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "word/owned_word.h"
#include <mproc/lock.h>

static int find(mproc_lock lock, struct owned_word *ret_owned)
{
    return mproc__owned_find(FAMILY_LOCK, lock.id, ret_owned);
}

/* Kept out of line, so that the usual case does not pay for its registers. */
NEVER_INLINE static int acquire_slow(mproc_lock lock, int64_t timeout_ms, const void *caller)
{
    struct owned_word owned;
    int code = find(lock, &owned);
    if (code < 0)
        return code;
    family_called_from(caller);
    code = mproc__owned_acquire(&owned, mproc__deadline(timeout_ms));
    if (code >= 0)
        thread_slot_took(caller);
    return code;
}

int mproc_lock_acquire(mproc_lock lock, int64_t timeout_ms)
{
    struct family_block *block = block_find(FAMILY_LOCK, lock.id);
    thread_slot self = mproc__self.id;
    if (block == NULL || self == 0 || !owned_try(&block->word, self))
        return acquire_slow(lock, timeout_ms, RETURN_ADDRESS());
    if (!owned_confirm(block, lock.id[1], &block->word))
        return mproc__object_stale(FAMILY_LOCK, lock.id);
    thread_slot_took(RETURN_ADDRESS());
    return 0;
}

/* Any word but the caller's own, and the caller's own with a bit. */
NEVER_INLINE static int release_slow(mproc_lock lock)
{
    struct owned_word owned;
    int code = find(lock, &owned);
    return code < 0 ? code : mproc__owned_release_any(&owned);
}

int mproc_lock_release(mproc_lock lock)
{
    struct family_block *block = block_find(FAMILY_LOCK, lock.id);
    thread_slot self = mproc__self.id;
    if (block == NULL || self == 0 || !owned_give(&block->word, self))
        return release_slow(lock);
    thread_slot_holds(-1);
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_lock_options, name), "it can grow");

int mproc_lock_create_(mproc_lock *ret_lock, const mproc_lock_options *options, size_t options_size)
{
    if (ret_lock == NULL)
        return mproc__error_null("ret_lock");
    mproc_lock_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    mproc_lock lock;
    void *object;
    code = mproc__object_new(FAMILY_LOCK, 0, 0, options->name, lock.id, &object);
    if (code < 0)
        return code;
    mproc__object_publish(lock.id);
    *ret_lock = lock;
    return 0;
}

int mproc_lock_destroy(mproc_lock lock)
{
    struct owned_word owned;
    int code = find(lock, &owned);
    return code < 0 ? code : mproc__owned_destroy(&owned);
}

int mproc_lock_repaired(mproc_lock lock)
{
    struct owned_word owned;
    int code = find(lock, &owned);
    return code < 0 ? code : mproc__owned_repaired(&owned);
}

bool mproc_lock_is_locked(mproc_lock lock)
{
    struct owned_word owned;
    int code = find(lock, &owned);
    return mproc__answer(code < 0 ? code : mproc__owned_is_taken(&owned));
}
