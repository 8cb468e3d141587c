/* The semaphore: a count in a stamped word, which no user of a stale handle can change.
 *
 * A release adds and wakes one, if anybody has ever slept here; a woken sleeper looks, and takes what there is. Whoever
 * was woken and is killed before he takes it leaves it in the count, where the other sleepers find it after their
 * slice, or at once if the death is reported.
 */
#include "base/base.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "family/family_layout.h"
#include "memory/block.h"
#include "memory/object.h"
#include "sync/semaphore_owned.h"
#include "sync/sync.h"
#include "sync/sync_layout.h"
#include "word/await.h"
#include "word/stamped.h"
#include <mproc/semaphore.h>

static struct semaphore_object *object_of(struct family_block *block)
{
    return (struct semaphore_object *)(block + 1);
}

static uint32_t count_of(uint64_t word)
{
    return (uint32_t)word / SEMAPHORE_PERMIT;
}

/* One call of acquire. */
struct semaphore_wait {
    struct await await;
    struct family_block *block;
    mproc_semaphore semaphore;
};

/* Which of the two types the handle is of, if it is of any. */
static bool has_owners(mproc_semaphore semaphore)
{
    return semaphore.id[0] == block_check(FAMILY_SEMAPHORE_OWNED, semaphore.id[1]);
}

/* ---- Making ---- */

static int create_counting(uint32_t value, bool bounded, const char *name, uint64_t ret_id[2])
{
    void *object;
    int code = mproc__object_new(FAMILY_SEMAPHORE, 0, sizeof(struct semaphore_object), name, ret_id, &object);
    if (code < 0)
        return code;
    struct semaphore_object *semaphore = object;
    semaphore->limit = bounded ? value : MPROC_SEMAPHORE_VALUE_MAX;
    semaphore->bounded = bounded;
    /* Relaxed: published with the object. */
    atomic_store_explicit(&semaphore->count, stamped_word(ret_id[1], value * SEMAPHORE_PERMIT), memory_order_relaxed);
    mproc__object_publish(ret_id);
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_semaphore_options, name), "it can grow");

int mproc_semaphore_create_(mproc_semaphore *ret_semaphore, int64_t value, const mproc_semaphore_options *options,
                            size_t options_size)
{
    if (ret_semaphore == NULL)
        return mproc__error_null("ret_semaphore");
    mproc_semaphore_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    bool bounded = options->bounded;
    bool track_owners = options->track_owners;
    const char *name = options->name;
    int64_t limit = track_owners ? MPROC_SEMAPHORE_TRACKED_MAX : MPROC_SEMAPHORE_VALUE_MAX;
    if (value < 0)
        return mproc__error(MPROC_E_INVALID, "a semaphore with the value %lld", (long long)value);
    if (value > limit)
        return mproc__error(MPROC_E_LIMIT, "a semaphore%s with the value %lld, the highest is %lld",
                            track_owners ? " that tracks owners" : "", (long long)value, (long long)limit);
    mproc_semaphore semaphore;
    code = track_owners ? mproc__semaphore_owned_create((uint32_t)value, name, semaphore.id)
                        : create_counting((uint32_t)value, bounded, name, semaphore.id);
    if (code == 0)
        *ret_semaphore = semaphore;
    return code;
}

int mproc_semaphore_destroy(mproc_semaphore semaphore)
{
    return mproc__sync_destroy(has_owners(semaphore) ? FAMILY_SEMAPHORE_OWNED : FAMILY_SEMAPHORE, semaphore.id);
}

/* ---- Acquire ---- */

/* ret_seen: the word in which there was none, or which is not of this semaphore. */
static bool try_take(_Atomic uint64_t *count, uint64_t second, uint64_t *ret_seen)
{
    /* Relaxed: the CAS decides. Acquire: pairs with the seq_cst CAS of the release that gave the permit. */
    *ret_seen = atomic_load_explicit(count, memory_order_relaxed);
    while (stamped_is_of(*ret_seen, second) && count_of(*ret_seen) > 0)
        if (atomic_compare_exchange_weak_explicit(count, ret_seen, *ret_seen - SEMAPHORE_PERMIT, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

static int look(struct await *await)
{
    struct semaphore_wait *wait = (struct semaphore_wait *)await;
    _Atomic uint64_t *count = &object_of(wait->block)->count;
    uint64_t seen;
    do {
        bool is_there = block_is_published(wait->block, wait->semaphore.id[1]);
        if (is_there && try_take(count, wait->semaphore.id[1], &seen)) {
            block_note_contended(wait->block, await->slept);
            return 0;
        }
        if (!is_there || !stamped_is_of(seen, wait->semaphore.id[1]))
            return mproc__sync_gone(FAMILY_SEMAPHORE, wait->semaphore.id, wait->block);
        /* Who does not wait needs no notice. */
    } while (await->deadline != 0 && !stamped_ask(count, seen));
    return AWAIT_WAITS;
}

NEVER_INLINE static int acquire_slow(mproc_semaphore semaphore, int64_t timeout_ms, const void *caller)
{
    family_called_from(caller);
    int64_t deadline = mproc__deadline(timeout_ms);
    if (has_owners(semaphore))
        return mproc__semaphore_owned_acquire(semaphore.id, deadline);
    struct semaphore_wait wait = { .semaphore = semaphore };
    int code = mproc__object_block(FAMILY_SEMAPHORE, semaphore.id, &wait.block);
    if (code < 0)
        return code;
    wait.await = (struct await){ .word = &wait.block->word, .on = semaphore.id[1], .deadline = deadline, .look = look };
    code = mproc__await(&wait.await);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_SEMAPHORE, wait.block, ", whose value is 0");
    return code;
}

int mproc_semaphore_acquire(mproc_semaphore semaphore, int64_t timeout_ms)
{
    struct family_block *block = block_find(FAMILY_SEMAPHORE, semaphore.id);
    uint64_t seen;
    if (block == NULL || !try_take(&object_of(block)->count, semaphore.id[1], &seen))
        return acquire_slow(semaphore, timeout_ms, RETURN_ADDRESS());
    return 0;
}

/* ---- The rest ---- */

/* Or so it seems to one whose semaphore is gone. */
NEVER_INLINE static int too_many(struct family_block *block, mproc_semaphore semaphore)
{
    bool bounded = object_of(block)->bounded;
    atomic_thread_fence(memory_order_acquire);
    if (!block_is_published(block, semaphore.id[1]))
        return mproc__object_stale(FAMILY_SEMAPHORE, semaphore.id);
    if (bounded)
        return mproc__object_error(MPROC_E_STATE, FAMILY_SEMAPHORE, block, ", released more often than acquired");
    return mproc__object_error(MPROC_E_LIMIT, FAMILY_SEMAPHORE, block, ", whose value is the highest, 2147483647");
}

/* Of a handle that is not, or no longer, of a counting semaphore. */
NEVER_INLINE static int release_slow(mproc_semaphore semaphore)
{
    struct family_block *block;
    if (has_owners(semaphore))
        return mproc__semaphore_owned_release(semaphore.id);
    int code = mproc__object_block(FAMILY_SEMAPHORE, semaphore.id, &block);
    /* Its window of the segment was not mapped yet, and is now. */
    return code < 0 ? code : mproc_semaphore_release(semaphore);
}

int mproc_semaphore_release(mproc_semaphore semaphore)
{
    struct family_block *block = block_find(FAMILY_SEMAPHORE, semaphore.id);
    if (block == NULL)
        return release_slow(semaphore);
    struct semaphore_object *object = object_of(block);
    uint64_t seen = atomic_load_explicit(&object->count, memory_order_relaxed);
    do {
        if (!stamped_is_of(seen, semaphore.id[1]) || count_of(seen) >= object->limit)
            return too_many(block, semaphore);
        /* seq_cst: release for what the permit guards, pairing with try_take; and for the wake, see stamped.h. */
    } while (!atomic_compare_exchange_weak(&object->count, &seen, seen + SEMAPHORE_PERMIT));
    stamped_notify(block, seen, 1);
    return 0;
}

/* The value, or an error. */
static int value_of(mproc_semaphore semaphore)
{
    if (has_owners(semaphore))
        return mproc__semaphore_owned_value(semaphore.id);
    struct family_block *block;
    int code = mproc__object_block(FAMILY_SEMAPHORE, semaphore.id, &block);
    if (code < 0)
        return code;
    /* Acquire: who sees the value of a release also sees what was done before it. */
    uint64_t seen = atomic_load_explicit(&object_of(block)->count, memory_order_acquire);
    return stamped_is_of(seen, semaphore.id[1]) ? (int)count_of(seen)
                                                : mproc__object_stale(FAMILY_SEMAPHORE, semaphore.id);
}

int mproc_semaphore_get_value(mproc_semaphore semaphore, int64_t *ret_value)
{
    if (ret_value == NULL)
        return mproc__error_null("ret_value");
    int value = value_of(semaphore);
    if (value < 0)
        return value;
    *ret_value = value;
    return 0;
}
