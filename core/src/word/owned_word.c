/* The protocol of a word that survives its owner.
 *
 * Whoever takes the word without having slept leaves CONTENDED out, whoever has slept puts it in, for there
 * may be more sleepers than himself, and a release has taken the bit away. That leaves one gap: the one sleeper that
 * a release wakes may be killed before it takes the word, and then nobody remembers the others. They are woken by
 * the death word, if the death is reported, and in any case look by themselves after a slice of 20 ms. A sleeper that
 * gives up (time-out) hands on what it may have been woken for.
 *
 * The death word is read before the owner is looked at: an owner that dies after the look has changed the word,
 * and the sleep ends at once.
 *
 * Handles. An object can be destroyed, and its block become another one, between the check of a handle and the CAS on
 * the word. So the handle is checked again once the word is ours, when nobody may destroy the object any more; if
 * it has become stale the word is given back, as by a release. Killed in those few instructions, such a user of a stale
 * handle makes the new object say MPROC_OWNER_DIED without need.
 *
 * tests/models/lock.pml is this protocol for an exhaustive checker; its steps are named here as [fast], [look], [take],
 * [mark], [sleep], [leave], [release] and [wake].
 */
#include "word/owned_word.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/object.h"
#include "word/await.h"
#include "word/spin.h"

/* What a look at the word may end with besides the results of mproc__owned_acquire. */
enum { LOOK_AGAIN = AWAIT_AGAIN, LOOK_BUSY = AWAIT_WAITS };

/* One call of acquire, or of destroy, which takes the word first. */
struct taking {
    struct await await; /* first: a look gets this */
    const struct owned_word *owned;
    thread_slot self;
};

static int owned_error(int code, const struct owned_word *owned, const char *what)
{
    return mproc__object_error(code, owned->type, owned->block, what);
}

static int stale(const struct owned_word *owned)
{
    return mproc__object_stale(owned->type, owned->id);
}

static bool is_there(const struct owned_word *owned)
{
    return block_is_published(owned->block, owned->id[1]);
}

int mproc__owned_find(enum family_type type, const uint64_t id[2], struct owned_word *ret_owned)
{
    struct family_block *block;
    int code = mproc__object_block(type, id, &block);
    if (code == 0)
        *ret_owned = (struct owned_word){ &block->word, block, type, { id[0], id[1] } };
    return code;
}

/* Changes the word, while it is ours, to what it says of deaths, or to RETIRED. Returns what it was; 0 if it was not
 * ours: anybody may have given up a lock for us, and another taken it since; and an object may have been destroyed with
 * this word held, and its block become another one, whose word was set to 0 with what we had put into it. */
static uint32_t change_own(platform_word *word, bool retire)
{
    uint32_t seen = atomic_load_explicit(&word->value, memory_order_relaxed);
    while ((seen & OWNED_OWNER) == mproc__self.id)
        /* seq_cst: release for the data, pairing with the acquire of the next [take]; and in one order with the
         * sleeper's count of itself, as platform_wake asks. A loop, because others may set CONTENDED meanwhile. */
        if (atomic_compare_exchange_weak(&word->value, &seen, retire ? FAMILY_RETIRED : seen & OWNED_DIED))
            return seen;
    return 0;
}

/* Gives up a word if it is ours. [release] [wake] */
static void word_release(platform_word *word)
{
    if (change_own(word, false) & OWNED_CONTENDED)
        platform_wake(word, 1);
}

bool mproc__owned_give_back(platform_word *word)
{
    word_release(word);
    return false;
}

/* ---- Looking and taking ---- */

/* Sleepers and late comers see RETIRED, or the block's next generation, and say stale. Whoever sees the former does
 * this too, for the destroyer may have been killed. */
static void finish_destroy(const struct owned_word *owned)
{
    mproc__object_destroy(owned->type, owned->id);
    platform_wake(owned->word, INT32_MAX);
}

/* Looks once, and takes the word if it can be had. [look] [take] */
static int look(struct taking *taking)
{
    const struct owned_word *owned = taking->owned;
    _Atomic uint32_t *value = &owned->word->value;
    /* Acquire: a word that the block's next owner set free shows that the block has changed hands. */
    uint32_t seen = taking->await.seen = atomic_load_explicit(value, memory_order_acquire);
    thread_slot owner = seen & OWNED_OWNER;
    if (!is_there(owned))
        return stale(owned);
    if (owner == FAMILY_RETIRED) {
        finish_destroy(owned);
        return stale(owned);
    }
    bool orphan = owner != 0 && owner != taking->self && await_finds_dead(&taking->await, owner);
    if (owner != 0 && !orphan)
        return LOOK_BUSY;
    bool died = orphan || (seen & OWNED_DIED);
    /* With a dead owner's word we would also take over its bit, but his sleepers may be without one: a sleeper that
     * he was woken as has left them so. */
    bool contended = orphan || taking->await.slept;
    uint32_t mine = taking->self | (died ? OWNED_DIED : 0) | (contended ? OWNED_CONTENDED : 0);
    /* Acquire: pairs with the release in word_release; if the owner died, with what told of the death, the kernel or
     * the record of its thread slot or process. The whole word is compared, incarnation and all: of several that find
     * the same owner dead one succeeds. */
    if (!atomic_compare_exchange_strong_explicit(value, &seen, mine, memory_order_acquire, memory_order_relaxed))
        return LOOK_AGAIN;
    if (!owned_confirm(owned->block, owned->id[1], owned->word))
        return stale(owned);
    block_note_contended(owned->block, taking->await.slept && taking->await.deadline > 0);
    return died ? MPROC_OWNER_DIED : 0;
}

/* ---- Waiting ---- */

/* Puts CONTENDED into the word last seen. False: the word has changed, look again. [mark] */
static bool mark_contended(struct taking *taking)
{
    uint32_t seen = taking->await.seen;
    if (seen & OWNED_CONTENDED)
        return true;
    taking->await.seen |= OWNED_CONTENDED;
    /* seq_cst: platform_wait compares the word after the caller's seq_cst operations. */
    return atomic_compare_exchange_strong(&taking->owned->word->value, &seen, taking->await.seen);
}

/* Time is up. A release may have woken us and nobody else, and then somebody came in between who does not know of the
 * other sleepers: tell him. [leave] */
static int leave(struct taking *taking)
{
    if (taking->await.slept && !mark_contended(taking))
        return LOOK_AGAIN;
    return owned_error(MPROC_E_TIMEOUT, taking->owned, ", which is held");
}

/* The word is somebody's who lives. Before a sleep, it is marked. [sleep] */
static int stay(struct taking *taking)
{
    if (taking->await.last)
        return leave(taking);
    if (taking->await.deadline == INT64_MAX && (taking->await.seen & OWNED_OWNER) == taking->self)
        return owned_error(MPROC_E_DEADLOCK, taking->owned, ", which the calling thread holds");
    return mark_contended(taking) ? AWAIT_WAITS : AWAIT_AGAIN;
}

static int look_and_stay(struct await *await)
{
    struct taking *taking = (struct taking *)await;
    int code = look(taking);
    if (code == LOOK_BUSY)
        return stay(taking);
    /* A wake may have come that was for the block's next object. */
    if (code == MPROC_E_STALE && await->slept)
        platform_wake(await->word, 1);
    return code;
}

/* Spins for a word that is held, and takes it as soon as it is free. Who loses it then to another spins on for the rest
 * of the time: a sleep would cost him more, and the next owner, who has to wake him, too. True: taken. [fast] */
static bool spin_and_try(platform_word *word, thread_slot self, int64_t deadline_ns)
{
    struct spin spin = mproc__spin_begin(SPIN_SHARED, deadline_ns);
    uint32_t seen;
    do {
        /* Relaxed: owned_try decides. */
        seen = atomic_load_explicit(&word->value, memory_order_relaxed);
        if (seen == 0 && owned_try(word, self))
            return true;
    } while ((seen == 0 || (seen & OWNED_OWNER) != 0) && spin_on(&spin));
    return false;
}

int mproc__owned_acquire(const struct owned_word *owned, int64_t deadline_ns)
{
    thread_slot self = mproc__thread_slot_self();
    if (self == 0)
        return MPROC_E_LIMIT;
    if (owned_try(owned->word, self) || (deadline_ns > 0 && spin_and_try(owned->word, self, deadline_ns)))
        return owned_confirm(owned->block, owned->id[1], owned->word) ? 0 : stale(owned);
    struct taking taking = { .owned = owned, .self = self };
    taking.await = (struct await){
        .word = owned->word, .on = owned->id[1], .deadline = deadline_ns, .look = look_and_stay, .spun = true
    };
    return mproc__await(&taking.await);
}

/* ---- Release ---- */

void mproc__owned_release(const struct owned_word *owned)
{
    if (!owned_give(owned->word, mproc__self.id))
        word_release(owned->word);
    thread_slot_holds(-1);
}

/* [release] [wake] */
int mproc__owned_release_any(const struct owned_word *owned)
{
    _Atomic uint32_t *value = &owned->word->value;
    uint32_t seen = atomic_load_explicit(value, memory_order_acquire), released;
    thread_slot owner;
    do {
        owner = seen & OWNED_OWNER;
        if (owner == FAMILY_RETIRED || !is_there(owned))
            return stale(owned);
        if (owner == 0)
            return owned_error(MPROC_E_NOT_OWNER, owned, ", which nobody holds");
        /* Released for somebody who has died: his death must not be lost on the next one. */
        bool died = owner != mproc__self.id && !mproc__thread_slot_check(owner);
        released = died ? OWNED_DIED : seen & OWNED_DIED;
        /* seq_cst as in change_own. */
    } while (!atomic_compare_exchange_weak(value, &seen, released));
    /* An owner whose word others release keeps a count that is too high: his end wakes the family without need. */
    if (owner == mproc__self.id)
        thread_slot_holds(-1);
    if (seen & OWNED_CONTENDED)
        platform_wake(owned->word, 1);
    return 0;
}

/* ---- The rest ---- */

int mproc__owned_destroy(const struct owned_word *owned)
{
    struct taking taking = { .await = { .ask = true, .slept = true },
                             .owned = owned,
                             .self = mproc__thread_slot_self() };
    if (taking.self == 0)
        return MPROC_E_LIMIT;
    for (;;) {
        /* Taken first, so that it is this object that is retired and not the block's next one. Somebody may release it
         * for us at once, as anybody may a lock, and another take it: then it is his. */
        int code = look(&taking);
        if (code == LOOK_BUSY)
            return owned_error(MPROC_E_STATE, owned, ", which is held");
        if (code == LOOK_AGAIN)
            continue;
        if (code < 0)
            return code;
        if (mproc__owned_retire(owned))
            return 0;
    }
}

bool mproc__owned_retire(const struct owned_word *owned)
{
    bool ours = change_own(owned->word, true) != 0;
    thread_slot_holds(-1);
    if (ours)
        finish_destroy(owned);
    return ours;
}

int mproc__owned_repaired(const struct owned_word *owned)
{
    if (!owned_by_self(owned->word))
        return owned_error(MPROC_E_NOT_OWNER, owned, ", which the calling thread does not hold");
    /* Relaxed: the repair itself is published by the release that follows. */
    atomic_fetch_and_explicit(&owned->word->value, ~OWNED_DIED, memory_order_relaxed);
    return 0;
}

int mproc__owned_is_taken(const struct owned_word *owned)
{
    thread_slot owner = atomic_load_explicit(&owned->word->value, memory_order_acquire) & OWNED_OWNER;
    if (owner == FAMILY_RETIRED || !is_there(owned))
        return stale(owned);
    return owner != 0 && mproc__thread_slot_check(owner);
}
