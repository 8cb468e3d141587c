/* The event: a stamped word, which no user of a stale handle can change, with the flag in bit 1 and above it how often
 * the flag was set.
 *
 * The count is for those who wait when the flag is set and cleared again before they have run: the word they saw is
 * gone, and the count says why. It comes round after 2^30 sets during one slice of a sleep, which cannot happen.
 */
#include "base/deadline.h"
#include "family/family_layout.h"
#include "memory/block.h"
#include "memory/object.h"
#include "word/await.h"
#include "word/stamped.h"
#include <mproc/event.h>

#define FLAG    2u
#define ONE_SET 4u
#define SETS(w) ((uint32_t)(w) & ~(ONE_SET - 1))

struct event_object {
    _Atomic uint64_t state;
};

/* One call of wait. */
struct waiter {
    struct await await;
    struct family_block *block;
    mproc_event event;
    uint64_t at_first; /**< the state when the wait began */
};

static int find(mproc_event event, struct family_block **ret_block)
{
    return mproc__object_block(FAMILY_EVENT, event.id, ret_block);
}

static _Atomic uint64_t *state_of(struct family_block *block)
{
    return &((struct event_object *)(block + 1))->state;
}

static int stale(mproc_event event)
{
    return mproc__object_stale(FAMILY_EVENT, event.id);
}

int mproc_event_create(mproc_event *ret_event, const mproc_event_options *options)
{
    mproc_event event;
    void *object;
    int code = mproc__object_new(FAMILY_EVENT, 0, sizeof(struct event_object), options ? options->name : NULL, event.id,
                                 &object);
    if (code < 0)
        return code;
    /* Relaxed: published with the object. */
    atomic_store_explicit(&((struct event_object *)object)->state, stamped_word(event.id[1], 0), memory_order_relaxed);
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

/* The count goes round within the content. */
static uint64_t set_state(uint64_t seen)
{
    return seen & FLAG ? seen : stamped_word(seen, ((uint32_t)seen | FLAG) + ONE_SET);
}

int mproc_event_set(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    uint64_t seen = atomic_load_explicit(state_of(block), memory_order_relaxed);
    /* seq_cst: release for what was done before the set, pairing with the acquire of is_set and wait; and for the ring,
     * see stamped.h. Also if it is set already, by an exchange of the word for itself: the acquire of whoever sees the
     * flag then covers this set as well. */
    do
        if (!stamped_is_of(seen, event.id[1]))
            return stale(event);
    while (!atomic_compare_exchange_weak(state_of(block), &seen, set_state(seen)));
    /* Also if it was set already: whoever set it may have been killed before this. */
    stamped_ring(block, seen, INT32_MAX);
    return 0;
}

int mproc_event_clear(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    uint64_t seen = atomic_load_explicit(state_of(block), memory_order_relaxed);
    do
        if (!stamped_is_of(seen, event.id[1]))
            return stale(event);
    while (!atomic_compare_exchange_weak(state_of(block), &seen, seen & ~(uint64_t)FLAG));
    return 0;
}

int mproc_event_is_set(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    uint64_t seen = atomic_load_explicit(state_of(block), memory_order_acquire);
    return stamped_is_of(seen, event.id[1]) ? (seen & FLAG) != 0 : stale(event);
}

static int look(struct await *await)
{
    struct waiter *waiter = (struct waiter *)await;
    _Atomic uint64_t *state = state_of(waiter->block);
    uint64_t seen;
    do {
        if (!family_is_linked(waiter->block, waiter->event.id[1]))
            return stale(waiter->event);
        /* Acquire: see mproc_event_set. */
        seen = atomic_load_explicit(state, memory_order_acquire);
        if (!stamped_is_of(seen, waiter->event.id[1]))
            return stale(waiter->event);
        if ((seen & FLAG) || SETS(seen) != SETS(waiter->at_first))
            return 1;
        /* Who does not wait needs no ring. */
    } while (await->deadline != 0 && !stamped_ask(state, seen));
    return AWAIT_WAITS;
}

int mproc_event_wait(mproc_event event, int64_t timeout_ms)
{
    struct waiter waiter = { .event = event };
    int code = find(event, &waiter.block);
    if (code < 0)
        return code;
    waiter.at_first = atomic_load_explicit(state_of(waiter.block), memory_order_relaxed);
    waiter.await = (struct await){
        .word = &waiter.block->word, .on = event.id[1], .deadline = mproc__deadline(timeout_ms), .look = look
    };
    code = mproc__await(&waiter.await);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_EVENT, waiter.block, ", which is not set");
    return code;
}
