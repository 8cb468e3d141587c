/* The event: a stamped word, which no user of a stale handle can change, with the flag in bit 1 and above it how often
 * the flag was set.
 *
 * The count is for those who wait when the flag is set and cleared again before they have run: the word they saw is
 * gone, and the count says why. It comes round after 2^30 sets during one slice of a sleep, which cannot happen.
 */
#include "sync/event.h"
#include "base/base.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/options.h"
#include "family/activity.h"
#include "family/family_layout.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "sync/sync.h"
#include "sync/sync_layout.h"
#include "word/await.h"
#include "word/stamped.h"
#include <mproc/event.h>

/* One call of wait. */
struct event_wait {
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

/* Tells who waits for a mix of things. What it looks at may be another event's by now, of which too much is told. */
static void tell_watchers(struct family_block *block)
{
    /* Pairs with the fence in mproc__activity_watch: either we see the flag, or they see our change. */
    atomic_thread_fence(memory_order_seq_cst);
    mproc__activity_note(&((struct event_object *)(block + 1))->watched);
}

static int stale(mproc_event event)
{
    return mproc__object_stale(FAMILY_EVENT, event.id);
}

_Static_assert(STRUCT_ENDS_WITH(mproc_event_options, name), "it can grow");

int mproc_event_create_(mproc_event *ret_event, const mproc_event_options *options, size_t options_size)
{
    if (ret_event == NULL)
        return mproc__error_null("ret_event");
    mproc_event_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    mproc_event event;
    void *object;
    code = mproc__object_new(FAMILY_EVENT, 0, sizeof(struct event_object), options->name, event.id, &object);
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
        code = mproc__sync_destroy(FAMILY_EVENT, event.id);
    if (code == 0)
        tell_watchers(block);
    return code;
}

/* The count goes round within the content. */
static uint64_t with_flag(uint64_t state)
{
    return state & EVENT_FLAG ? state : stamped_word(state, ((uint32_t)state | EVENT_FLAG) + EVENT_ONE_SET);
}

/* Sets the flag or clears it. A state that stays the same is exchanged for itself: see mproc_event_set. ret_before:
 * what it was. */
static int change(const mproc_event *event, bool flag, struct family_block **ret_block, uint64_t *ret_before)
{
    int code = mproc__object_block(FAMILY_EVENT, event->id, ret_block);
    if (code < 0)
        return code;
    _Atomic uint64_t *state = state_of(*ret_block);
    uint64_t seen = atomic_load_explicit(state, memory_order_relaxed);
    do
        if (!stamped_is_of(seen, event->id[1]))
            return stale(*event);
    while (!atomic_compare_exchange_weak(state, &seen, flag ? with_flag(seen) : seen & ~(uint64_t)EVENT_FLAG));
    *ret_before = seen;
    return 0;
}

int mproc_event_set(mproc_event event)
{
    struct family_block *block;
    uint64_t before = 0;
    /* seq_cst: release for what was done before the set, pairing with the acquire of is_set and wait; and for the wake,
     * see stamped.h. Also if it is set already, by an exchange of the word for itself: the acquire of whoever sees the
     * flag then covers this set as well. */
    int code = change(&event, true, &block, &before);
    /* Also if it was set already: whoever set it may have been killed before this. */
    if (code == 0) {
        stamped_notify(block, before, INT32_MAX);
        tell_watchers(block);
    }
    return code;
}

int mproc_event_clear(mproc_event event)
{
    struct family_block *block;
    uint64_t before = 0;
    return change(&event, false, &block, &before);
}

static int ask(mproc_event event)
{
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    uint64_t seen = atomic_load_explicit(state_of(block), memory_order_acquire);
    return stamped_is_of(seen, event.id[1]) ? (seen & EVENT_FLAG) != 0 : stale(event);
}

bool mproc_event_is_set(mproc_event event)
{
    return mproc__answer(ask(event));
}

static int look(struct await *await)
{
    struct event_wait *wait = (struct event_wait *)await;
    _Atomic uint64_t *state = state_of(wait->block);
    uint64_t seen;
    do {
        if (!block_is_published(wait->block, wait->event.id[1]))
            return stale(wait->event);
        /* Acquire: see mproc_event_set. */
        seen = atomic_load_explicit(state, memory_order_acquire);
        if (!stamped_is_of(seen, wait->event.id[1]))
            return stale(wait->event);
        if ((seen & EVENT_FLAG) || EVENT_SETS(seen) != EVENT_SETS(wait->at_first))
            return 0;
        /* Who does not wait needs no notice. */
    } while (await->deadline != 0 && !stamped_ask(state, seen));
    return AWAIT_WAITS;
}

int mproc_event_wait(mproc_event event, int64_t timeout_ms)
{
    struct event_wait wait = { .event = event };
    int code = find(event, &wait.block);
    if (code < 0)
        return code;
    family_called_from(RETURN_ADDRESS());
    wait.at_first = atomic_load_explicit(state_of(wait.block), memory_order_relaxed);
    wait.await = (struct await){ .word = &wait.block->word,
                                 .on = event.id[1],
                                 .what = THREAD_WAITS,
                                 .deadline = mproc__deadline(timeout_ms),
                                 .look = look };
    code = mproc__await(&wait.await);
    if (code == MPROC_E_TIMEOUT)
        mproc__object_error(code, FAMILY_EVENT, wait.block, ", which is not set");
    return code;
}

/* ---- For mproc_wait_any ---- */

int mproc__event_look(const uint64_t id[2])
{
    mproc_event event = { { id[0], id[1] } };
    struct family_block *block;
    int code = find(event, &block);
    if (code < 0)
        return code;
    mproc__activity_watch(&((struct event_object *)(block + 1))->watched);
    return ask(event);
}
