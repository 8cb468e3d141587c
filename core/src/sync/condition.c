/* The condition.
 *
 * A table of entries, one per waiter, each one 64-bit word: who, in which state, and a number.
 *
 *     0                        free
 *     WAITING, node, ticket    the thread waits; tickets count waits
 *     MARKED, node, bound      a notification that belongs to the thread, for waits with tickets below the bound
 *
 * An entry becomes WAITING, and is marked, by whoever holds the lock. It is left without the lock: a waiter whose time
 * is up takes its entry back by a compare-and-swap that fails if it has been marked meanwhile, and then it has been
 * notified. So a notification marks real waiters only, and each mark ends one wait.
 *
 * A waiter frees its marked entry only when it has the lock again. Killed before that, it leaves a mark of a dead node,
 * and any waiter below the bound adopts it: puts its own node into that entry, then takes back its own WAITING entry.
 * If that fails, since it has been marked itself, it makes the adopted mark nobody's and rings all who could take it.
 * Killed between any two of these steps it leaves marks of a dead node again, no fewer and no more. A mark for which no
 * waiter is left lapses: notifications are not for those who come later, and the bound tells them apart.
 *
 * Each waiter sleeps on the bell of its own node, so that a notification wakes whom it marks and nobody else. The mark
 * comes first, the ring second. A notifier killed in between leaves a marked sleeper, who looks when it hears of the
 * death or when its slice is over; so it goes with adoptions.
 *
 * tests/models/condition.pml is this protocol for an exhaustive checker; its steps are named here as [enter], [look],
 * [adopt], [withdraw], [hand on], [leave], [consume] and [notify].
 */
#include "base/deadline.h"
#include "base/error.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "sync/recursive.h"
#include "word/await.h"
#include "word/owned_word.h"
#include <mproc/condition.h>

enum { WAITING = 1, MARKED = 2 };

struct condition_object {
    uint64_t lock[2];      /**< of the lock that goes with it */
    enum family_type type; /**< its type; FAMILY_CONDITION: the block's own word, and depth */
    _Atomic uint32_t depth;
    _Atomic uint32_t tickets; /**< of the next wait */
    _Atomic uint32_t used;    /**< entries from here on have never been used */
    _Atomic uint64_t entry[MPROC_CONDITION_WAITERS_MAX];
};

_Static_assert(sizeof(struct condition_object) <= FAMILY_OBJECT_MAX, "the entries have a page");

/* One call of anything. */
struct call {
    mproc_condition condition;
    struct family_block *block;
    struct condition_object *object;
    struct recursive lock;
};

/* One wait. */
struct waiter {
    struct await await;
    struct call *call;
    node_id self;
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

/* All changes of entries. seq_cst: a mark comes before the ring of the bell, the look at the bell before the look at
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
                     struct recursive *ret_lock)
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

static bool is_there(const struct call *call)
{
    return family_is_linked(call->block, call->condition.id[1]);
}

static int stale(const struct call *call)
{
    return mproc__object_stale(FAMILY_CONDITION, call->condition.id);
}

static int find(mproc_condition condition, struct call *ret_call)
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
static int find_held(mproc_condition condition, struct call *ret_call)
{
    int code = find(condition, ret_call);
    if (code == 0 && !owned_by_self(ret_call->lock.owned.word))
        return mproc__object_error(MPROC_E_NOT_OWNER, FAMILY_CONDITION, ret_call->block,
                                   ", whose lock the calling thread does not hold");
    return code;
}

int mproc_condition_acquire(mproc_condition condition, int64_t timeout_ms)
{
    struct call call;
    int code = find(condition, &call);
    return code < 0 ? code : mproc__recursive_acquire(&call.lock, mproc__deadline(timeout_ms));
}

int mproc_condition_release(mproc_condition condition)
{
    struct call call;
    int code = find(condition, &call);
    return code < 0 ? code : mproc__recursive_release(&call.lock);
}

int mproc_condition_repaired(mproc_condition condition)
{
    struct call call;
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
    if (options == NULL)
        return 0;
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

int mproc_condition_create(mproc_condition *ret_condition, const mproc_condition_options *options)
{
    if (options != NULL && is_given(options->lock.id) && is_given(options->rlock.id))
        return mproc__error(MPROC_E_INVALID, "a condition with both a lock and an rlock");
    mproc_condition condition;
    void *object;
    int code = mproc__object_new(FAMILY_CONDITION, 0, sizeof(struct condition_object), options ? options->name : NULL,
                                 condition.id, &object);
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

/* ---- Marks that have lost their owner ----
 */

/* Whether the entry is of one who waited when a notification with this bound was given, who lives and is not marked. */
static bool can_adopt(uint64_t seen, uint32_t bound)
{
    return node_entry_state(seen) == WAITING && is_before(node_entry_tag(seen), bound) &&
           mproc__node_is_live(node_entry_node(seen));
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
static void ring_adopters(struct condition_object *object, uint32_t bound)
{
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = entry_load(&object->entry[i]);
        if (can_adopt(seen, bound))
            mproc__node_ring(node_entry_node(seen));
    }
}

/* A mark of the waiter's own, in this entry. Its condition may be gone and the entry another's: a thread is in one wait
 * at a time, so what bears its node is its own, wherever that is. */
static bool is_own_mark(const struct waiter *waiter, uint64_t seen)
{
    return node_entry_state(seen) == MARKED && node_entry_node(seen) == waiter->self;
}

/* Makes a mark that the waiter has and is not to keep nobody's, and has the others look for it. [hand on] */
static void hand_on(struct waiter *waiter, _Atomic uint64_t *entry)
{
    uint64_t seen = entry_load(entry);
    uint32_t bound = node_entry_tag(seen);
    if (is_own_mark(waiter, seen) && entry_change(entry, seen, node_entry(bound, MARKED, 0)))
        ring_adopters(waiter->call->object, bound);
}

/* The condition is gone, and the block may be another one: takes back the own entry, or gives the mark that has come
 * into it to those it was meant for. before: what the entry was. */
static void take_back(struct waiter *waiter, uint64_t before)
{
    _Atomic uint64_t *entry = &waiter->call->object->entry[waiter->at];
    if (!entry_change(entry, node_entry(waiter->ticket, WAITING, waiter->self), before))
        hand_on(waiter, entry);
}

/* Takes over the mark of somebody who died, if it is for this waiter too. Returns whether the wait is over. [adopt] */
static bool adopt(struct waiter *waiter, uint32_t at)
{
    struct condition_object *object = waiter->call->object;
    _Atomic uint64_t *entry = &object->entry[at];
    uint64_t seen = entry_load(entry);
    uint32_t bound = node_entry_tag(seen);
    if (node_entry_state(seen) != MARKED || !is_before(waiter->ticket, bound) ||
        !await_finds_dead(&waiter->await, node_entry_node(seen)) ||
        !entry_change(entry, seen, node_entry(bound, MARKED, waiter->self)))
        return false;
    /* [withdraw] */
    if (entry_change(&object->entry[waiter->at], node_entry(waiter->ticket, WAITING, waiter->self), 0)) {
        waiter->at = at;
        return true;
    }
    hand_on(waiter, entry);
    /* Marked; or else the condition is gone, and the next look finds that. */
    return is_own_mark(waiter, entry_load(&object->entry[waiter->at]));
}

/* ---- Waiting ----
 */

/* Whether an entry may be given to another waiter: free, or of a dead waiter; a mark of the dead only when nobody is
 * left to adopt it. The caller holds the lock, so nobody begins to wait meanwhile who could. */
static bool is_reusable(struct condition_object *object, uint64_t seen)
{
    if (seen == 0)
        return true;
    if (mproc__node_is_live(node_entry_node(seen)))
        return false;
    return node_entry_state(seen) == WAITING || !anybody_can_adopt(object, node_entry_tag(seen));
}

/* Others look at so many entries: never fewer than before, also if this is another condition by now. */
static void use_entry(struct condition_object *object, uint32_t at)
{
    uint32_t used = atomic_load_explicit(&object->used, memory_order_relaxed);
    while (used <= at && !atomic_compare_exchange_weak(&object->used, &used, at + 1))
        ;
}

/* [enter] With the lock; which does not keep the condition from being destroyed if it is one that was named. So the
 * handle is checked again once the entry is there. Killed before that, we leave the entry of a dead node. */
static int enter(struct waiter *waiter)
{
    struct condition_object *object = waiter->call->object;
    /* Relaxed: changed by holders of the lock only, whose order is the lock's. */
    waiter->ticket = atomic_fetch_add_explicit(&object->tickets, 1, memory_order_relaxed);
    uint64_t mine = node_entry(waiter->ticket, WAITING, waiter->self);
    for (waiter->at = 0; waiter->at < MPROC_CONDITION_WAITERS_MAX; waiter->at++) {
        _Atomic uint64_t *entry = &object->entry[waiter->at];
        uint64_t seen = entry_load(entry);
        if (!is_reusable(object, seen))
            continue;
        /* First the room that others look at, then the entry in it. */
        use_entry(object, waiter->at);
        if (!entry_change(entry, seen, mine))
            continue;
        if (is_there(waiter->call))
            return 0;
        take_back(waiter, seen);
        return stale(waiter->call);
    }
    return mproc__object_error(MPROC_E_LIMIT, FAMILY_CONDITION, waiter->call->block,
                               ", for which 480 threads wait already");
}

/* Returns 0 when notified. [look] */
static int look(struct await *await)
{
    struct waiter *waiter = (struct waiter *)await;
    struct call *call = waiter->call;
    if (!is_there(call))
        return stale(call);
    if (is_own_mark(waiter, entry_load(&call->object->entry[waiter->at])))
        return 0;
    uint32_t used = used_entries(call->object);
    for (uint32_t i = 0; i < used; i++)
        if (i != waiter->at && adopt(waiter, i))
            return 0;
    return AWAIT_WAITS;
}

/* Time is up, and nobody has notified; or somebody has in this moment. [leave] */
static int leave(struct waiter *waiter)
{
    struct call *call = waiter->call;
    uint64_t mine = node_entry(waiter->ticket, WAITING, waiter->self);
    _Atomic uint64_t *entry = &call->object->entry[waiter->at];
    if (!entry_change(entry, mine, 0))
        return is_own_mark(waiter, entry_load(entry)) ? 0 : stale(call);
    return mproc__object_error(MPROC_E_TIMEOUT, FAMILY_CONDITION, call->block, ", which was not notified");
}

/* From the release of the lock to the end of the wait: 0 when notified. */
static int await(struct waiter *waiter)
{
    int code = mproc__await(&waiter->await);
    if (code == MPROC_E_STALE)
        take_back(waiter, 0);
    return code == MPROC_E_TIMEOUT ? leave(waiter) : code;
}

/* With the lock again: the notification has reached its end. [consume] Before that it is not ours to forget, for we
 * could be killed. If the condition is gone the entry is somebody else's, and stays what it is. */
static void consume(struct waiter *waiter)
{
    _Atomic uint64_t *entry = &waiter->call->object->entry[waiter->at];
    uint64_t seen = entry_load(entry);
    if (is_own_mark(waiter, seen))
        entry_change(entry, seen, 0);
}

static int wait_until(struct call *call, int64_t deadline_ns)
{
    struct waiter waiter = { .call = call, .self = mproc__self.id };
    waiter.await = (struct await){
        .word = &mproc__self.node->bell, .on = call->condition.id[1], .deadline = deadline_ns, .look = look
    };
    int code = enter(&waiter);
    if (code < 0)
        return code;
    uint32_t depth = mproc__recursive_release_all(&call->lock);
    code = await(&waiter);
    int locked = mproc__recursive_acquire_again(&call->lock, depth);
    if (code == 0)
        consume(&waiter);
    /* The lock's own news go first: without it the caller can do nothing with the other answer. */
    return locked != 0 && code != MPROC_E_STALE ? locked : code;
}

int mproc_condition_wait(mproc_condition condition, int64_t timeout_ms)
{
    struct call call;
    int code = find_held(condition, &call);
    return code < 0 ? code : wait_until(&call, mproc__deadline(timeout_ms));
}

int mproc_condition_wait_for(mproc_condition condition, mproc_predicate *predicate, void *user, int64_t timeout_ms)
{
    struct call call;
    int code =
        predicate != NULL ? find_held(condition, &call) : mproc__error(MPROC_E_INVALID, "a wait for no predicate");
    if (code < 0)
        return code;
    int64_t deadline = mproc__deadline(timeout_ms);
    for (;;) {
        int answer = predicate(user);
        if (answer != 0)
            return answer > 0 ? 0 : answer;
        /* Asked again after the last wait, which may have been too short for a look but not for a change. */
        if (code == MPROC_E_TIMEOUT || deadline == 0)
            return mproc__object_error(MPROC_E_TIMEOUT, FAMILY_CONDITION, call.block, ", whose predicate is false");
        /* The predicate may have given the lock up, or destroyed the condition. */
        code = find_held(condition, &call);
        if (code == 0)
            code = wait_until(&call, deadline);
        if (code != 0 && code != MPROC_E_TIMEOUT)
            return code;
    }
}

/* ---- Notifying ----
 */

/* The entry of the waiter who has waited longest, and what it contains; or NULL. */
static _Atomic uint64_t *find_oldest(struct condition_object *object, uint64_t *ret_seen)
{
    _Atomic uint64_t *oldest = NULL;
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = entry_load(&object->entry[i]);
        if (node_entry_state(seen) == WAITING && mproc__node_is_live(node_entry_node(seen)) &&
            (oldest == NULL || is_before(node_entry_tag(seen), node_entry_tag(*ret_seen)))) {
            oldest = &object->entry[i];
            *ret_seen = seen;
        }
    }
    return oldest;
}

/* Returns whether it was waiting still. [notify] */
static bool mark(struct condition_object *object, _Atomic uint64_t *entry, uint64_t seen, uint32_t bound)
{
    node_id node = node_entry_node(seen);
    if (!entry_change(entry, seen, node_entry(bound, MARKED, node)))
        return false;
    mproc__node_ring(node);
    /* It may have died after it was chosen, and all who heard of that have looked before there was a mark. If it is
     * recorded dead only after this look, they hear of it after the mark. */
    if (!mproc__node_is_live(node))
        ring_adopters(object, bound);
    return true;
}

static int mark_all(struct condition_object *object, uint32_t bound)
{
    int marked = 0;
    uint32_t used = used_entries(object);
    for (uint32_t i = 0; i < used; i++) {
        uint64_t seen = entry_load(&object->entry[i]);
        if (node_entry_state(seen) == WAITING && mproc__node_is_live(node_entry_node(seen)))
            marked += mark(object, &object->entry[i], seen, bound);
    }
    return marked;
}

int mproc_condition_notify(mproc_condition condition, int count)
{
    struct call call;
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
