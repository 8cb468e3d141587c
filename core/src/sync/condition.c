/* The condition.
 *
 * A table of entries, one per waiter, each one 64-bit word: who, in which state, and a number.
 *
 *     0                        free
 *     WAITING, thread slot, ticket    the thread waits; tickets count waits
 *     MARKED, thread slot, bound      a notification that belongs to the thread, for waits with tickets below the bound
 *
 * An entry becomes WAITING, and is marked, by whoever holds the lock. It is left without the lock: a waiter whose time
 * is up takes its entry back by a compare-and-swap that fails if it has been marked meanwhile, and then it has been
 * notified. So a notification marks real waiters only, and each mark ends one wait.
 *
 * A waiter frees its marked entry only when it has the lock again. Killed before that, it leaves a mark of a dead
 * thread, and any waiter below the bound adopts it: puts its own thread slot into that entry, then takes back its own
 * WAITING entry. If that fails, since it has been marked itself, it makes the adopted mark nobody's and tells all who
 * could take it. Killed between any two of these steps it leaves marks of a dead thread again, no fewer and no more. A
 * mark for which no waiter is left lapses: notifications are not for those who come later, and the bound tells them
 * apart.
 *
 * Each waiter sleeps on the bell of its own thread slot, so that a notification wakes whom it marks and nobody else.
 * The mark comes first, the bell second. A notifier killed in between leaves a marked sleeper, who looks when it hears
 * of the death or when its slice is over; so it goes with adoptions.
 *
 * tests/models/condition.pml is this protocol for an exhaustive checker; its steps are named here as [enter], [look],
 * [adopt], [withdraw], [hand on], [leave], [consume] and [notify].
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
#include "sync/rlock.h"
#include "sync/sync_layout.h"
#include "word/await.h"
#include "word/owned_word.h"
#include <mproc/condition.h>

/* One call of anything. */
struct condition_call {
    mproc_condition condition;
    struct family_block *block;
    struct condition_object *object;
    struct rlock lock;
};

/* One wait. */
struct condition_wait {
    struct await await;
    struct condition_call *call;
    thread_slot self;
    uint32_t ticket;
    uint32_t at; /**< index of the own entry, or of the one adopted */
};

/* Tickets come round, but not while 2^31 others wait. */
static bool is_before(uint32_t ticket, uint32_t bound)
{
    return (int32_t)(ticket - bound) < 0;
}

static uint64_t entry_load(const _Atomic uint64_t *entry)
{
    return atomic_load(entry);
}

/* All changes of entries. seq_cst: a mark comes before the change of the bell, the look at the bell before the look at
 * the mark; and marks and withdrawals of one entry have one order. */
static bool entry_change(_Atomic uint64_t *entry, uint64_t from, uint64_t to)
{
    return atomic_compare_exchange_strong(entry, &from, to);
}

static uint32_t used_entries(const struct condition_object *object)
{
    uint32_t used = atomic_load(&object->used);
    return used < MPROC_CONDITION_WAITERS_MAX ? used : MPROC_CONDITION_WAITERS_MAX;
}

/* ---- The lock that goes with it ---- */

static int find_lock(const struct condition_object *object, struct family_block *block, mproc_condition condition,
                     struct rlock *ret_lock)
{
    if (object->type == FAMILY_RLOCK)
        return mproc__rlock_find(object->lock, ret_lock);
    if (object->type == FAMILY_LOCK) {
        ret_lock->depth = NULL;
        return mproc__owned_find(FAMILY_LOCK, object->lock, &ret_lock->owned);
    }
    ret_lock->owned =
        (struct owned_word){ &block->word, block, FAMILY_CONDITION, { condition.id[0], condition.id[1] } };
    ret_lock->depth = (_Atomic uint32_t *)&object->depth;
    return 0;
}

static bool is_there(const struct condition_call *call)
{
    return block_is_published(call->block, call->condition.id[1]);
}

static int stale(const struct condition_call *call)
{
    return mproc__object_stale(FAMILY_CONDITION, call->condition.id);
}

static int find(mproc_condition condition, struct condition_call *ret_call)
{
    ret_call->condition = condition;
    int code = mproc__object_block(FAMILY_CONDITION, condition.id, &ret_call->block);
    if (code < 0)
        return code;
    ret_call->object = (struct condition_object *)(ret_call->block + 1);
    code = find_lock(ret_call->object, ret_call->block, condition, &ret_call->lock);
    /* The fence keeps what was read of the object before the check: it may have been the next one's. */
    atomic_thread_fence(memory_order_acquire);
    return is_there(ret_call) ? code : stale(ret_call);
}

/* Finds the condition for somebody who must hold its lock. */
static int find_held(mproc_condition condition, struct condition_call *ret_call)
{
    int code = find(condition, ret_call);
    if (code == 0 && !owned_by_self(ret_call->lock.owned.word))
        return mproc__object_error(MPROC_E_NOT_OWNER, FAMILY_CONDITION, ret_call->block,
                                   ", whose lock the calling thread does not hold");
    return code;
}

int mproc_condition_acquire(mproc_condition condition, int64_t timeout_ms)
{
    struct condition_call call;
    int code = find(condition, &call);
    family_called_from(RETURN_ADDRESS());
    return code < 0 ? code : mproc__rlock_acquire(&call.lock, mproc__deadline(timeout_ms));
}

int mproc_condition_release(mproc_condition condition)
{
    struct condition_call call;
    int code = find(condition, &call);
    return code < 0 ? code : mproc__rlock_release(&call.lock);
}

int mproc_condition_repaired(mproc_condition condition)
{
    struct condition_call call;
    int code = find(condition, &call);
    return code < 0 ? code : mproc__owned_repaired(&call.lock.owned);
}

/* ---- Making ---- */

static bool is_given(const uint64_t id[2])
{
    return (id[0] | id[1]) != 0;
}

static void set_lock(struct condition_object *object, enum family_type type, const uint64_t id[2])
{
    object->type = type;
    object->lock[0] = id[0];
    object->lock[1] = id[1];
}

/* Also finds out whether the lock that was named is there. */
static int set_up(struct condition_object *object, const mproc_condition_options *options)
{
    static const uint64_t none[2];
    set_lock(object, FAMILY_CONDITION, none);
    struct family_block *block;
    int code = 0;
    if (is_given(options->lock.id)) {
        set_lock(object, FAMILY_LOCK, options->lock.id);
        code = mproc__object_block(FAMILY_LOCK, options->lock.id, &block);
    } else if (is_given(options->rlock.id)) {
        set_lock(object, FAMILY_RLOCK, options->rlock.id);
        code = mproc__object_block(FAMILY_RLOCK, options->rlock.id, &block);
    }
    return code;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_condition_options, rlock), "it can grow");

int mproc_condition_create_(mproc_condition *ret_condition, const mproc_condition_options *options, size_t options_size)
{
    if (ret_condition == NULL)
        return mproc__error_null("ret_condition");
    mproc_condition_options own;
    int code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code < 0)
        return code;
    options = &own;
    if (is_given(options->lock.id) && is_given(options->rlock.id))
        return mproc__error(MPROC_E_INVALID, "a condition with both a lock and an rlock");
    mproc_condition condition;
    void *object;
    code =
        mproc__object_new(FAMILY_CONDITION, 0, sizeof(struct condition_object), options->name, condition.id, &object);
    if (code < 0)
        return code;
    code = set_up(object, options);
    mproc__object_publish(condition.id);
    if (code < 0) {
        mproc__object_destroy(FAMILY_CONDITION, condition.id);
        return code;
    }
    *ret_condition = condition;
    return 0;
}

/* Without an RLock of its own the block's word is free, and this cannot fail for it. Its waiters find out at the end of
 * their slices. */
int mproc_condition_destroy(mproc_condition condition)
{
    struct owned_word owned;
    int code = mproc__owned_find(FAMILY_CONDITION, condition.id, &owned);
    return code < 0 ? code : mproc__owned_destroy(&owned);
}

/* ---- Marks that have lost their owner ---- */

/* Whether the entry is of one who waited when a notification with this bound was given, who lives and is not marked. */
static bool can_adopt(uint64_t seen, uint32_t bound)
{
    return slot_entry_state(seen) == CONDITION_WAITING && is_before(slot_entry_tag(seen), bound) &&
           mproc__thread_slot_is_live(slot_entry_thread(seen));
}

static bool anybody_can_adopt(struct condition_object *object, uint32_t bound)
{
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++)
        if (can_adopt(entry_load(&object->entry[i]), bound))
            return true;
    return false;
}

/* Has all who can look for a mark that is nobody's. All, and not one of them: that one might give up in this moment. */
static void notify_adopters(struct condition_object *object, uint32_t bound)
{
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = entry_load(&object->entry[i]);
        if (can_adopt(seen, bound))
            mproc__thread_slot_notify(slot_entry_thread(seen));
    }
}

/* A mark of the waiter's own, in this entry. Its condition may be gone and the entry another's: a thread is in one wait
 * at a time, so what bears its slot is its own, wherever that is. */
static bool is_own_mark(const struct condition_wait *wait, uint64_t seen)
{
    return slot_entry_state(seen) == CONDITION_MARKED && slot_entry_thread(seen) == wait->self;
}

/* Makes a mark that the waiter has and is not to keep nobody's, and has the others look for it. [hand on] */
static void hand_on(struct condition_wait *wait, _Atomic uint64_t *entry)
{
    uint64_t seen = entry_load(entry);
    uint32_t bound = slot_entry_tag(seen);
    if (is_own_mark(wait, seen) && entry_change(entry, seen, slot_entry(bound, CONDITION_MARKED, 0)))
        notify_adopters(wait->call->object, bound);
}

/* The condition is gone, and the block may be another one: takes back the own entry, or gives the mark that has come
 * into it to those it was meant for. before: what the entry was. */
static void take_back(struct condition_wait *wait, uint64_t before)
{
    _Atomic uint64_t *entry = &wait->call->object->entry[wait->at];
    if (!entry_change(entry, slot_entry(wait->ticket, CONDITION_WAITING, wait->self), before))
        hand_on(wait, entry);
}

/* Takes over the mark of somebody who died, if it is for this waiter too. Returns whether the wait is over. [adopt] */
static bool adopt(struct condition_wait *wait, uint32_t at)
{
    struct condition_object *object = wait->call->object;
    _Atomic uint64_t *entry = &object->entry[at];
    uint64_t seen = entry_load(entry);
    uint32_t bound = slot_entry_tag(seen);
    if (slot_entry_state(seen) != CONDITION_MARKED || !is_before(wait->ticket, bound) ||
        !await_finds_dead(&wait->await, slot_entry_thread(seen)) ||
        !entry_change(entry, seen, slot_entry(bound, CONDITION_MARKED, wait->self)))
        return false;
    /* [withdraw] */
    if (entry_change(&object->entry[wait->at], slot_entry(wait->ticket, CONDITION_WAITING, wait->self), 0)) {
        wait->at = at;
        return true;
    }
    hand_on(wait, entry);
    /* Marked; or else the condition is gone, and the next look finds that. */
    return is_own_mark(wait, entry_load(&object->entry[wait->at]));
}

/* ---- Waiting ---- */

/* Whether an entry may be given to another waiter: free, or of a dead waiter; a mark of the dead only when nobody is
 * left to adopt it. The caller holds the lock, so nobody begins to wait meanwhile who could. */
static bool is_reusable(struct condition_object *object, uint64_t seen)
{
    if (seen == 0)
        return true;
    if (mproc__thread_slot_is_live(slot_entry_thread(seen)))
        return false;
    return slot_entry_state(seen) == CONDITION_WAITING || !anybody_can_adopt(object, slot_entry_tag(seen));
}

/* Others look at so many entries: never fewer than before, also if this is another condition by now. */
static void use_entry(struct condition_object *object, uint32_t at)
{
    uint32_t used = atomic_load_explicit(&object->used, memory_order_relaxed);
    while (used <= at && !atomic_compare_exchange_weak(&object->used, &used, at + 1))
        ;
}

/* [enter] With the lock; which does not keep the condition from being destroyed if it is one that was named. So the
 * handle is checked again once the entry is there. Killed before that, we leave the entry of a dead thread. */
static int enter(struct condition_wait *wait)
{
    struct condition_object *object = wait->call->object;
    /* Relaxed: changed by holders of the lock only, whose order is the lock's. */
    wait->ticket = atomic_fetch_add_explicit(&object->tickets, 1, memory_order_relaxed);
    uint64_t mine = slot_entry(wait->ticket, CONDITION_WAITING, wait->self);
    for (wait->at = 0; wait->at < MPROC_CONDITION_WAITERS_MAX; wait->at++) {
        _Atomic uint64_t *entry = &object->entry[wait->at];
        uint64_t seen = entry_load(entry);
        if (!is_reusable(object, seen))
            continue;
        /* First the room that others look at, then the entry in it. */
        use_entry(object, wait->at);
        if (!entry_change(entry, seen, mine))
            continue;
        if (is_there(wait->call))
            return 0;
        take_back(wait, seen);
        return stale(wait->call);
    }
    return mproc__object_error(MPROC_E_LIMIT, FAMILY_CONDITION, wait->call->block,
                               ", for which 480 threads wait already");
}

/* Returns 0 when notified. [look] */
static int look(struct await *await)
{
    struct condition_wait *wait = (struct condition_wait *)await;
    struct condition_call *call = wait->call;
    if (!is_there(call))
        return stale(call);
    if (is_own_mark(wait, entry_load(&call->object->entry[wait->at])))
        return 0;
    uint32_t used = used_entries(call->object);
    for (uint32_t i = 0; i < used; i++)
        if (i != wait->at && adopt(wait, i))
            return 0;
    return AWAIT_WAITS;
}

/* Time is up, and nobody has notified; or somebody has in this moment. [leave] */
static int leave(struct condition_wait *wait)
{
    struct condition_call *call = wait->call;
    uint64_t mine = slot_entry(wait->ticket, CONDITION_WAITING, wait->self);
    _Atomic uint64_t *entry = &call->object->entry[wait->at];
    if (!entry_change(entry, mine, 0))
        return is_own_mark(wait, entry_load(entry)) ? 0 : stale(call);
    return mproc__object_error(MPROC_E_TIMEOUT, FAMILY_CONDITION, call->block, ", which was not notified");
}

/* From the release of the lock to the end of the wait: 0 when notified. */
static int await(struct condition_wait *wait)
{
    int code = mproc__await(&wait->await);
    if (code == MPROC_E_STALE)
        take_back(wait, 0);
    return code == MPROC_E_TIMEOUT ? leave(wait) : code;
}

/* With the lock again: the notification has reached its end. [consume] Before that it is not ours to forget, for we
 * could be killed. If the condition is gone the entry is somebody else's, and stays what it is. */
static void consume(struct condition_wait *wait)
{
    _Atomic uint64_t *entry = &wait->call->object->entry[wait->at];
    uint64_t seen = entry_load(entry);
    if (is_own_mark(wait, seen))
        entry_change(entry, seen, 0);
}

static int wait_until(struct condition_call *call, int64_t deadline_ns)
{
    struct condition_wait wait = { .call = call, .self = mproc__self.id };
    wait.await = (struct await){ .word = &mproc__self.thread->bell,
                                 .on = call->condition.id[1],
                                 .what = THREAD_WAITS,
                                 .deadline = deadline_ns,
                                 .look = look };
    int code = enter(&wait);
    if (code < 0)
        return code;
    uint32_t depth = mproc__rlock_release_all(&call->lock);
    code = await(&wait);
    int locked = mproc__rlock_acquire_again(&call->lock, depth);
    if (code == 0)
        consume(&wait);
    /* The lock's own news go first: without it the caller can do nothing with the other answer. */
    return locked != 0 && code != MPROC_E_STALE ? locked : code;
}

int mproc_condition_wait(mproc_condition condition, int64_t timeout_ms)
{
    struct condition_call call;
    int code = find_held(condition, &call);
    family_called_from(RETURN_ADDRESS());
    return code < 0 ? code : wait_until(&call, mproc__deadline(timeout_ms));
}

static bool holds(mproc_predicate_fn *predicate, void *user)
{
    int cancel = platform_cancel_hold();
    bool answer = predicate(user);
    platform_cancel_release(cancel);
    return answer;
}

int mproc_condition_wait_for(mproc_condition condition, mproc_predicate_fn *predicate, void *user, int64_t timeout_ms)
{
    struct condition_call call;
    int code =
        predicate != NULL ? find_held(condition, &call) : mproc__error(MPROC_E_INVALID, "a wait for no predicate");
    if (code < 0)
        return code;
    int64_t deadline = mproc__deadline(timeout_ms);
    for (;;) {
        if (holds(predicate, user))
            return 0;
        /* Asked again after the last wait, which may have been too short for a look but not for a change. */
        if (code == MPROC_E_TIMEOUT || deadline == 0)
            return mproc__object_error(MPROC_E_TIMEOUT, FAMILY_CONDITION, call.block, ", whose predicate is false");
        /* The predicate may have given the lock up, or destroyed the condition. */
        code = find_held(condition, &call);
        family_called_from(RETURN_ADDRESS());
        if (code == 0)
            code = wait_until(&call, deadline);
        if (code != 0 && code != MPROC_E_TIMEOUT)
            return code;
    }
}

/* ---- Notifying ---- */

/* The entry of the waiter who has waited longest, and what it contains; or NULL. */
static _Atomic uint64_t *find_oldest(struct condition_object *object, uint64_t *ret_seen)
{
    _Atomic uint64_t *oldest = NULL;
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = entry_load(&object->entry[i]);
        if (slot_entry_state(seen) == CONDITION_WAITING && mproc__thread_slot_is_live(slot_entry_thread(seen)) &&
            (oldest == NULL || is_before(slot_entry_tag(seen), slot_entry_tag(*ret_seen)))) {
            oldest = &object->entry[i];
            *ret_seen = seen;
        }
    }
    return oldest;
}

/* Returns whether it was waiting still. [notify] */
static bool mark(struct condition_object *object, _Atomic uint64_t *entry, uint64_t seen, uint32_t bound)
{
    thread_slot thread = slot_entry_thread(seen);
    if (!entry_change(entry, seen, slot_entry(bound, CONDITION_MARKED, thread)))
        return false;
    mproc__thread_slot_notify(thread);
    /* It may have died after it was chosen, and all who heard of that have looked before there was a mark. If it is
     * recorded dead only after this look, they hear of it after the mark. */
    if (!mproc__thread_slot_is_live(thread))
        notify_adopters(object, bound);
    return true;
}

static int mark_all(struct condition_object *object, uint32_t bound)
{
    int marked = 0;
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = entry_load(&object->entry[i]);
        if (slot_entry_state(seen) == CONDITION_WAITING && mproc__thread_slot_is_live(slot_entry_thread(seen)))
            marked += mark(object, &object->entry[i], seen, bound);
    }
    return marked;
}

int mproc_condition_notify(mproc_condition condition, int count)
{
    struct condition_call call;
    int code = count < 0 ? mproc__error(MPROC_E_INVALID, "to notify %d", count) : find_held(condition, &call);
    if (code < 0)
        return code;
    /* Whoever waits has a ticket below this. */
    uint32_t bound = atomic_load_explicit(&call.object->tickets, memory_order_relaxed);
    if (count >= MPROC_CONDITION_WAITERS_MAX)
        return mark_all(call.object, bound);
    int marked = 0;
    uint64_t seen = 0;
    _Atomic uint64_t *oldest;
    while (marked < count && (oldest = find_oldest(call.object, &seen)) != NULL)
        marked += mark(call.object, oldest, seen, bound);
    return marked;
}

int mproc_condition_notify_all(mproc_condition condition)
{
    return mproc_condition_notify(condition, MPROC_CONDITION_WAITERS_MAX);
}
