/* The semaphore: a count in the block's own word.
 *
 * The word is the count times two: 1 would mean that the object is being destroyed (FAMILY_RETIRED). A release adds
 * and wakes one; a woken sleeper looks, and takes what there is. Whoever was woken and is killed before he takes it
 * leaves it in the count, where the other sleepers find it after their slice, or at once if the death is reported.
 *
 * A semaphore can be destroyed, and its block become another one, between the check of a handle and the change of the
 * word. So the handle is checked again after a permit was taken, and the permit given back if it was another
 * semaphore's. Killed in those few instructions such a user of a stale handle costs the new semaphore a permit; and a
 * release through a stale handle in that moment gives it one.
 */
#include <mproc/semaphore.h>

#include "deadline.h"
#include "error.h"
#include "object.h"
#include "permits.h"
#include "sleep.h"

#define PERMIT 2u

struct semaphore_object {
    uint32_t limit; /**< of the count */
    bool bounded;
};

/* One call of acquire. */
struct taker {
    struct sleeper sleeper;
    struct family_block *block;
    mproc_semaphore semaphore;
};

/* Which of the two types the handle is of, if it is of any. */
static bool has_owners(mproc_semaphore semaphore)
{
    return semaphore.id[0] == family_seal(FAMILY_PERMITS, semaphore.id[1]);
}

/* ---- Making ---------------------------------------------------------------------------------------------------- */

static int create_counting(uint32_t value, bool bounded, const char *name, uint64_t ret_id[2])
{
    void *object;
    int code = mproc__object_new(FAMILY_SEMAPHORE, 0, sizeof(struct semaphore_object), name, ret_id, &object);
    if (code < 0)
        return code;
    *(struct semaphore_object *)object =
        (struct semaphore_object){ .limit = bounded ? value : MPROC_SEMAPHORE_VALUE_MAX, .bounded = bounded };
    /* Relaxed: published with the object. */
    atomic_store_explicit(&((struct family_block *)object - 1)->word.value, value * PERMIT, memory_order_relaxed);
    mproc__object_publish(ret_id);
    return 0;
}

static int create(mproc_semaphore *ret_semaphore, int64_t value, bool bounded, const mproc_semaphore_options *options)
{
    bool track_owners = options != NULL && options->track_owners;
    const char *name = options != NULL ? options->name : NULL;
    int64_t limit = track_owners ? MPROC_SEMAPHORE_TRACKED_MAX : MPROC_SEMAPHORE_VALUE_MAX;
    if (value < 0)
        return mproc__error(MPROC_E_INVALID, "a semaphore with the value %lld", (long long)value);
    if (value > limit)
        return mproc__error(MPROC_E_LIMIT, "a semaphore%s with the value %lld, the highest is %lld",
                            track_owners ? " that tracks owners" : "", (long long)value, (long long)limit);
    mproc_semaphore semaphore;
    int code = track_owners ? mproc__permits_create((uint32_t)value, name, semaphore.id)
                            : create_counting((uint32_t)value, bounded, name, semaphore.id);
    if (code == 0)
        *ret_semaphore = semaphore;
    return code;
}

int mproc_semaphore_create(mproc_semaphore *ret_semaphore, int64_t value, const mproc_semaphore_options *options)
{
    return create(ret_semaphore, value, false, options);
}

int mproc_bounded_semaphore_create(mproc_semaphore *ret_semaphore, int64_t value,
                                   const mproc_semaphore_options *options)
{
    return create(ret_semaphore, value, true, options);
}

int mproc_semaphore_destroy(mproc_semaphore semaphore)
{
    enum family_type type = has_owners(semaphore) ? FAMILY_PERMITS : FAMILY_SEMAPHORE;
    struct family_block *block;
    int code = mproc__object_block(type, semaphore.id, &block);
    if (code == 0)
        code = mproc__object_destroy(type, semaphore.id);
    /* Those who sleep find that their handle is stale. Killed before this, we leave it to their slices. */
    if (code == 0)
        platform_wake(&block->word, INT32_MAX);
    return code;
}

/* ---- Acquire --------------------------------------------------------------------------------------------------- */

static bool try_take(struct family_block *block)
{
    /* Relaxed: the CAS decides. Acquire: pairs with the seq_cst addition of the release that gave the permit. */
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_relaxed);
    while (seen >= PERMIT)
        if (atomic_compare_exchange_weak_explicit(&block->word.value, &seen, seen - PERMIT, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

static void add(struct family_block *block)
{
    atomic_fetch_add(&block->word.value, PERMIT);
    platform_wake(&block->word, 1);
}

static int look(struct sleeper *sleeper)
{
    struct taker *taker = (struct taker *)sleeper;
    uint64_t second = taker->semaphore.id[1];
    bool linked = family_is_linked(taker->block, second);
    if (linked && !try_take(taker->block))
        return SLEEPER_WAITS;
    if (linked && family_is_linked(taker->block, second))
        return 0;
    /* What was taken, or the wake that came, is the next semaphore's. */
    if (linked)
        add(taker->block);
    else
        platform_wake(&taker->block->word, 1);
    return mproc__object_stale(FAMILY_SEMAPHORE, taker->semaphore.id);
}

__attribute__((noinline)) static int acquire_slow(mproc_semaphore semaphore, int64_t timeout_ms)
{
    int64_t deadline = mproc__deadline(timeout_ms);
    if (has_owners(semaphore))
        return mproc__permits_acquire(semaphore.id, deadline);
    struct taker taker = { .semaphore = semaphore };
    int code = mproc__object_block(FAMILY_SEMAPHORE, semaphore.id, &taker.block);
    if (code < 0)
        return code;
    taker.sleeper =
        (struct sleeper){ .word = &taker.block->word, .on = semaphore.id[1], .deadline = deadline, .look = look };
    code = mproc__sleeper_wait(&taker.sleeper);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_SEMAPHORE, taker.block, ", whose value is 0");
    return code;
}

int mproc_semaphore_acquire(mproc_semaphore semaphore, int64_t timeout_ms)
{
    struct family_block *block = family_find(FAMILY_SEMAPHORE, semaphore.id);
    if (block == NULL || !try_take(block))
        return acquire_slow(semaphore, timeout_ms);
    if (family_is_linked(block, semaphore.id[1]))
        return 0;
    add(block);
    return mproc__object_stale(FAMILY_SEMAPHORE, semaphore.id);
}

/* ---- The rest -------------------------------------------------------------------------------------------------- */

static int too_many(struct family_block *block)
{
    const struct semaphore_object *object = (const struct semaphore_object *)(block + 1);
    if (object->bounded)
        return mproc__object_error(MPROC_E_STATE, FAMILY_SEMAPHORE, block, ", released more often than acquired");
    return mproc__object_error(MPROC_E_LIMIT, FAMILY_SEMAPHORE, block, ", whose value is the highest, 2147483647");
}

/* Of a handle that is not, or no longer, of a counting semaphore. */
__attribute__((noinline)) static int release_slow(mproc_semaphore semaphore)
{
    struct family_block *block;
    if (has_owners(semaphore))
        return mproc__permits_release(semaphore.id);
    int code = mproc__object_block(FAMILY_SEMAPHORE, semaphore.id, &block);
    /* Its chunk of the segment was not mapped yet, and is now. */
    return code < 0 ? code : mproc_semaphore_release(semaphore);
}

int mproc_semaphore_release(mproc_semaphore semaphore)
{
    struct family_block *block = family_find(FAMILY_SEMAPHORE, semaphore.id);
    if (block == NULL)
        return release_slow(semaphore);
    uint32_t limit = ((const struct semaphore_object *)(block + 1))->limit;
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_relaxed);
    do {
        if (seen / PERMIT >= limit)
            return too_many(block);
        /* seq_cst: release for what the permit guards, pairing with try_take; and before the look at the sleepers. */
    } while (!atomic_compare_exchange_weak(&block->word.value, &seen, seen + PERMIT));
    platform_wake(&block->word, 1);
    return 0;
}

int mproc_semaphore_get_value(mproc_semaphore semaphore)
{
    if (has_owners(semaphore))
        return mproc__permits_value(semaphore.id);
    struct family_block *block;
    int code = mproc__object_block(FAMILY_SEMAPHORE, semaphore.id, &block);
    if (code < 0)
        return code;
    /* Acquire: who sees the value of a release also sees what was done before it. */
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_acquire);
    if (!family_is_linked(block, semaphore.id[1]))
        return mproc__object_stale(FAMILY_SEMAPHORE, semaphore.id);
    return (int)(seen / PERMIT);
}

int mproc_semaphore_locked(mproc_semaphore semaphore)
{
    int value = mproc_semaphore_get_value(semaphore);
    return value < 0 ? value : value == 0;
}
