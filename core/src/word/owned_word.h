/* A word of a shared object that one thread owns, and that survives its owner.
 *
 * All of it is one platform_word: the thread slot of who owns it (30 bits, 0 for nobody), DIED (an owner died and
 * nobody has declared the data repaired: stays through releases and new owners) and CONTENDED (somebody sleeps, so a
 * release must wake). The lock is such a word and nothing else; an RLock, a condition, a barrier and a queue contain
 * some.
 *
 * Words other than the block's own are made with mproc__object_create_words. An object with such words is destroyed by
 * whoever has acquired them all: by mproc__owned_retire of one, or mproc__object_destroy and then a platform_wake of
 * all sleepers of each word, and no release. Whoever sleeps or comes late finds that the handle is stale.
 */
#ifndef MPROC_WORD_OWNED_WORD_H
#define MPROC_WORD_OWNED_WORD_H

#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"

#define OWNED_CONTENDED 0x80000000u
#define OWNED_DIED      0x40000000u
#define OWNED_OWNER     THREAD_SLOT_MASK

/** Which word, and of which object: what a call makes for itself. */
struct owned_word {
    platform_word *word;
    struct family_block *block;
    enum family_type type;
    uint64_t id[2];
};

/** The block's own word of the object with this handle. Errors: as mproc__object_find. */
int mproc__owned_find(enum family_type type, const uint64_t id[2], struct owned_word *ret_owned);

/** Takes the word. deadline_ns: absolute; 0 tries once, INT64_MAX waits for ever. The calling thread's count of what it
 * holds goes up, so that waiters learn of its end at once.
 * Returns 0 with the word owned; MPROC_OWNER_DIED with the word owned; MPROC_E_TIMEOUT; MPROC_E_DEADLOCK if the calling
 * thread owns it already and there is no deadline; MPROC_E_STALE if the object was destroyed meanwhile; MPROC_E_LIMIT
 * without room for the thread's slot. An owner's death ends the wait within 50 ms. Any thread. */
int mproc__owned_acquire(const struct owned_word *owned, int64_t deadline_ns);

/** Gives up a word that the calling thread owns. If it does not, for somebody released a lock for it, whoever has the
 * word keeps it. */
void mproc__owned_release(const struct owned_word *owned);

/** Gives up the word for whoever owns it. Errors: MPROC_E_NOT_OWNER if nobody does; MPROC_E_STALE. */
int mproc__owned_release_any(const struct owned_word *owned);

/** Takes DIED away. Errors: MPROC_E_NOT_OWNER if it is not the calling thread's. */
int mproc__owned_repaired(const struct owned_word *owned);

/** Whether somebody who lives owns it: 1 or 0. Asks the kernel. Errors: MPROC_E_STALE. */
int mproc__owned_is_taken(const struct owned_word *owned);

/** Destroys the object, whose own word this is, if nobody who lives owns the word; its sleepers get MPROC_E_STALE.
 * Errors: MPROC_E_STATE; MPROC_E_STALE; MPROC_E_LIMIT. */
int mproc__owned_destroy(const struct owned_word *owned);

/** Destroys the object, of which the calling thread owns a word, this one: its sleepers get MPROC_E_STALE, and whoever
 * comes finishes the work if the caller is killed in it. The thread's count goes down. False, and nothing else is done,
 * if the word is no longer its own. */
bool mproc__owned_retire(const struct owned_word *owned);

/** What whoever owns the word is to be told: MPROC_OWNER_DIED or 0. Relaxed: only the owner takes DIED away. */
static inline int owned_outcome(const platform_word *word)
{
    return atomic_load_explicit(&word->value, memory_order_relaxed) & OWNED_DIED ? MPROC_OWNER_DIED : 0;
}

/** Whether the calling thread owns it. Relaxed: its own stores it sees, and others never store its thread slot. */
static inline bool owned_by_self(const platform_word *word)
{
    return mproc__self.id != 0 &&
           (atomic_load_explicit(&word->value, memory_order_relaxed) & OWNED_OWNER) == mproc__self.id;
}

/** Takes a free word with nothing to be said about it, for a thread that has a slot. [fast] Acquire: pairs with the
 * release of the last owner. */
static inline bool owned_try(platform_word *word, thread_slot self)
{
    uint32_t free = 0;
    return atomic_compare_exchange_strong_explicit(&word->value, &free, self, memory_order_acquire,
                                                   memory_order_relaxed);
}

/** Gives up an own word that carries no bit: nobody sleeps, so nothing is to be ordered with a wake. Release: pairs
 * with the acquire of the next [take]. */
static inline bool owned_give(platform_word *word, thread_slot self)
{
    return atomic_compare_exchange_strong_explicit(&word->value, &self, 0, memory_order_release, memory_order_relaxed);
}

/** After owned_try: whether the object still is the one that was meant. If so the thread's count goes up; if not the
 * word is given back. */
bool mproc__owned_give_back(platform_word *word);
static inline bool owned_confirm(struct family_block *block, uint64_t second, platform_word *word)
{
    /* Held, it cannot be destroyed: what this says stays true. The acquire of the CAS keeps the load behind it, and
     * makes visible what the block's next owner wrote before he set the word free in mproc__object_create. */
    if (!block_is_published(block, second))
        return mproc__owned_give_back(word);
    thread_slot_holds(1);
    return true;
}

#endif
