/* The event: all of it is the block's own word, the flag in bit 1 and above it how often the flag was set. (1 would
 * mean that the object is being destroyed, FAMILY_RETIRED.)
 *
 * The count is for those who wait when the flag is set and cleared again before they have run: the word they saw is
 * gone, and the count says why. It comes round after 2^30 sets during one slice of a sleep, which cannot happen.
 */
#include <mproc/event.h>

#include "deadline.h"
#include "object.h"
#include "sleep.h"

#define FLAG    2u
#define ONE_SET 4u
#define SETS(w) ((w) & ~(ONE_SET - 1))

/* One call of wait. */
struct waiter {
    struct sleeper sleeper;
    struct family_block *block;
    mproc_event event;
    uint32_t at_first; /**< the word when the wait began */
};

static int find(mproc_event event, struct family_block **ret_block)
{
    return mproc__object_block(FAMILY_EVENT, event.id, ret_block);
}

int mproc_event_create(mproc_event *ret_event, const mproc_event_options *options)
{
    mproc_event event;
    void *object;
    int code = mproc__object_new(FAMILY_EVENT, 0, 0, options ? options->name : NULL, event.id, &object);
    if (code < 0)
        return code;
    mproc__object_publish(event.id);
    *ret_event = event;
    return 0;
}

int mproc_event_destroy(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code == 0)
        code = mproc__object_destroy(FAMILY_EVENT, event.id);
    /* Those who sleep find that their handle is stale. Killed before this, we leave it to their slices. */
    if (code == 0)
        platform_wake(&block->word, INT32_MAX);
    return code;
}

int mproc_event_set(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_relaxed);
    /* seq_cst: release for what was done before the set, pairing with the acquire of is_set and wait; and before the
     * look at the sleepers. Also if it is set already, by an exchange of the word for itself: the acquire of whoever
     * sees the flag then covers this set as well. */
    while (!atomic_compare_exchange_weak(&block->word.value, &seen, seen & FLAG ? seen : (seen | FLAG) + ONE_SET))
        ;
    /* Also if it was set already: whoever set it may have been killed before this. */
    platform_wake(&block->word, INT32_MAX);
    return 0;
}

int mproc_event_clear(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code == 0)
        atomic_fetch_and(&block->word.value, ~FLAG);
    return code;
}

int mproc_event_is_set(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_acquire);
    if (!family_is_linked(block, event.id[1]))
        return mproc__object_stale(FAMILY_EVENT, event.id);
    return (seen & FLAG) != 0;
}

static int look(struct sleeper *sleeper)
{
    struct waiter *waiter = (struct waiter *)sleeper;
    /* The word was loaded before, seq_cst and so with acquire: see mproc_event_set. */
    if (!family_is_linked(waiter->block, waiter->event.id[1]))
        return mproc__object_stale(FAMILY_EVENT, waiter->event.id);
    return (sleeper->seen & FLAG) || SETS(sleeper->seen) != SETS(waiter->at_first) ? 1 : SLEEPER_WAITS;
}

int mproc_event_wait(mproc_event event, int64_t timeout_ms)
{
    struct waiter waiter = { .event = event };
    int code = find(event, &waiter.block);
    if (code < 0)
        return code;
    waiter.at_first = atomic_load_explicit(&waiter.block->word.value, memory_order_relaxed);
    waiter.sleeper = (struct sleeper){
        .word = &waiter.block->word, .on = event.id[1], .deadline = mproc__deadline(timeout_ms), .look = look
    };
    code = mproc__sleeper_wait(&waiter.sleeper);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_EVENT, waiter.block, ", which is not set");
    return code;
}
