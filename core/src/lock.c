/* The lock.
 *
 * All of it is one word: the node that holds it (30 bits, 0 for nobody), DIED (a holder died and nobody has declared
 * the data repaired: stays through releases and new holders) and CONTENDED (somebody sleeps, so a release must wake).
 *
 * Whoever takes the lock without having slept leaves CONTENDED out, whoever has slept puts it in, for there
 * may be more sleepers than himself, and a release has taken the bit away. That leaves one gap: the one sleeper that
 * a release wakes may be killed before it takes the lock, and then nobody remembers the others. They are woken by
 * the death word, if the death is reported, and in any case look by themselves after a slice of 20 ms. A sleeper that
 * gives up (time-out) hands on what it may have been woken for.
 *
 * The death word is read before the holder is looked at: a holder that dies after the look has changed the word,
 * and the sleep ends at once.
 *
 * Handles. A lock can be destroyed, and its block become another lock, between the check of a handle and the CAS on
 * the word. So the handle is checked again once the word is ours, when nobody may destroy the lock any more; if
 * it has become stale the word is given back, as by a release. Killed in those few instructions, such a user of a stale
 * handle makes the new lock say MPROC_OWNER_DIED without need.
 *
 * tests/models/lock.pml is this protocol for an exhaustive checker; its steps are named here as [fast], [look], [take],
 * [mark], [sleep], [leave], [release] and [wake].
 */
#include <mproc/lock.h>

#include "deadline.h"
#include "error.h"
#include "family_layout.h"
#include "init.h"

#define LOCK_CONTENDED 0x80000000u
#define LOCK_DIED      0x40000000u
#define LOCK_OWNER     NODE_ID_MASK

#define SLICE_NS (20 * (int64_t)1000000)

/* Spinning: for so long, with so many pauses between two looks at the word, and so many looks between two yields. The
 * time is about what a sleep and a wake cost. Looking more often would take the holder's cache line away from him. */
#define SPIN_NS     20000
#define SPIN_PAUSES 16
#define SPIN_LOOKS  4

/* What a look at the lock may end with besides the results of mproc_lock_acquire. */
enum { LOOK_AGAIN = 100, LOOK_BUSY = 101 };

/* One call of acquire, or of destroy, which takes the lock first. */
struct waiter {
    mproc_lock lock;
    struct family_block *block;
    node_id self;
    bool slept;
    uint32_t seen;      /**< the word at the last look */
    int64_t now;        /**< at the last look */
    int64_t deadline;   /**< INT64_MAX: none */
    int64_t next_check; /**< when to ask the kernel about the holder */
};

/* The error of a call on a lock that exists, and which lock it is. */
static int lock_error(int code, struct family_block *block, const char *what)
{
    char name[FAMILY_NAME_MAX];
    family_name_get(block, name);
    return mproc__error(code, "lock %s%s", name[0] ? name : "without a name", what);
}

static int stale(mproc_lock lock)
{
    return mproc__error(MPROC_E_STALE, "lock handle %016llx", (unsigned long long)lock.id[1]);
}

/* The block of a handle, or the reason why there is none. */
static int lock_find(mproc_lock lock, struct family_block **ret_block)
{
    void *object;
    int code = mproc__object_find(FAMILY_LOCK, lock.id, &object);
    if (code != 0)
        return code;
    *ret_block = (struct family_block *)object - 1;
    return 0;
}

/* Gives up a word that is ours. [release] [wake] */
static void word_release(platform_word *word)
{
    uint32_t seen = atomic_load_explicit(&word->value, memory_order_relaxed);
    /* seq_cst: release for the data, pairing with the acquire of the next [take]; and in one order with the sleeper's
     * count of itself, as platform_wake asks. A loop, because others may set CONTENDED meanwhile. */
    while (!atomic_compare_exchange_weak(&word->value, &seen, seen & LOCK_DIED))
        ;
    if (seen & LOCK_CONTENDED)
        platform_wake(word, 1);
}

/* ---- Looking and taking -------------------------------------------------------------------------------------- */

/* Sleepers and late comers see RETIRED, or the block's next generation, and say stale. Whoever sees the former does
 * this too, for the destroyer may have been killed. */
static void finish_destroy(struct family_block *block, mproc_lock lock)
{
    mproc__object_destroy(FAMILY_LOCK, lock.id);
    platform_wake(&block->word, INT32_MAX);
}

/* Whether the holder lives: by the records before every sleep, by the kernel before the first one and then once a
 * slice. A death is noticed so even if nobody is left to report it, and even if no waiter lives as long as a slice. */
static bool holder_lives(struct waiter *waiter, node_id holder)
{
    if (holder == waiter->self)
        return true;
    if (waiter->now < waiter->next_check)
        return mproc__node_is_live(holder);
    waiter->next_check = waiter->now + SLICE_NS;
    return mproc__node_check(holder);
}

/* The word is ours; is the lock still the one that was meant? */
static int taken(struct waiter *waiter, bool died)
{
    /* Held, it cannot be destroyed: what this says stays true. The acquire of the CAS keeps the load behind it, and
     * makes visible what the block's next owner wrote before he set the word free in mproc__object_create. */
    if (!family_is_linked(waiter->block, waiter->lock.id[1])) {
        word_release(&waiter->block->word);
        return stale(waiter->lock);
    }
    family_holds(1);
    return died ? MPROC_OWNER_DIED : 0;
}

/* Looks once, and takes the lock if it can be had. [look] [take] */
static int look(struct waiter *waiter)
{
    _Atomic uint32_t *value = &waiter->block->word.value;
    /* Acquire: a word that the block's next owner set free shows that the block has changed hands. */
    uint32_t seen = waiter->seen = atomic_load_explicit(value, memory_order_acquire);
    node_id holder = seen & LOCK_OWNER;
    if (!family_is_linked(waiter->block, waiter->lock.id[1]))
        return stale(waiter->lock);
    if (holder == FAMILY_RETIRED) {
        finish_destroy(waiter->block, waiter->lock);
        return stale(waiter->lock);
    }
    bool orphan = holder != 0 && !holder_lives(waiter, holder);
    if (holder != 0 && !orphan)
        return LOOK_BUSY;
    bool died = orphan || (seen & LOCK_DIED);
    /* With a dead holder's word we would also take over its bit, but his sleepers may be without one: a sleeper that
     * he was woken as has left them so. */
    bool contended = orphan || waiter->slept;
    uint32_t mine = waiter->self | (died ? LOCK_DIED : 0) | (contended ? LOCK_CONTENDED : 0);
    /* Acquire: pairs with the release in word_release; if the holder died, with what told of the death, the kernel or
     * the record of its node or process. The whole word is compared, incarnation and all: of several that find the
     * same holder dead one succeeds. */
    if (!atomic_compare_exchange_strong_explicit(value, &seen, mine, memory_order_acquire, memory_order_relaxed))
        return LOOK_AGAIN;
    return taken(waiter, died);
}

/* ---- Waiting --------------------------------------------------------------------------------------------------- */

/* Puts CONTENDED into the word last seen. False: the word has changed, look again. [mark] */
static bool mark_contended(struct waiter *waiter)
{
    uint32_t seen = waiter->seen;
    if (seen & LOCK_CONTENDED)
        return true;
    waiter->seen |= LOCK_CONTENDED;
    /* seq_cst: platform_wait compares the word after the caller's seq_cst operations. */
    return atomic_compare_exchange_strong(&waiter->block->word.value, &seen, waiter->seen);
}

/* [sleep] deaths was read before the look that found a living holder. */
static void sleep_slice(struct waiter *waiter, uint32_t deaths)
{
    if (!mark_contended(waiter))
        return;
    _Atomic uint64_t *waits_on = &mproc__self.node->waits_on;
    int64_t end = waiter->deadline < waiter->next_check ? waiter->deadline : waiter->next_check;
    /* Relaxed: for onlookers, who draw a graph of what they happen to see. */
    atomic_store_explicit(waits_on, waiter->lock.id[1], memory_order_relaxed);
    platform_wait(&waiter->block->word, waiter->seen, mproc__family_death_word(), deaths, end);
    atomic_store_explicit(waits_on, 0, memory_order_relaxed);
    waiter->slept = true;
}

/* Time is up. A release may have woken us and nobody else, and then somebody came in between who does not know of the
 * other sleepers: tell him. [leave] */
static int leave(struct waiter *waiter)
{
    if (waiter->slept && !mark_contended(waiter))
        return LOOK_AGAIN;
    return lock_error(MPROC_E_TIMEOUT, waiter->block, ", which is held");
}

static int wait_for_lock(struct waiter *waiter)
{
    platform_word *death = mproc__family_death_word();
    for (;;) {
        uint32_t deaths = atomic_load(&death->value);
        waiter->now = platform_now_ns();
        bool last = waiter->now >= waiter->deadline;
        /* The last look asks the kernel: else a program that always waits for less than a slice would never learn of a
         * death that nobody reports. */
        if (last)
            waiter->next_check = 0;
        int code = look(waiter);
        if (code == LOOK_BUSY && last)
            code = leave(waiter);
        else if (code == LOOK_BUSY && waiter->deadline == INT64_MAX && (waiter->seen & LOCK_OWNER) == waiter->self)
            code = lock_error(MPROC_E_DEADLOCK, waiter->block, ", which the calling thread holds");
        else if (code == LOOK_BUSY)
            sleep_slice(waiter, deaths);
        if (code != LOOK_BUSY && code != LOOK_AGAIN)
            return code;
    }
}

/* Spinning is for holders that run, so not for a single CPU. It yields, so that it harms a preempted holder no more
 * than any other load, and it goes by the clock and not by yields, each of which may take milliseconds on a busy
 * machine: to be woken is quicker then, and only a waiter that sleeps notices a death. */
static void spin(const struct waiter *waiter)
{
    static _Atomic int cpus;
    if (atomic_load_explicit(&cpus, memory_order_relaxed) == 0)
        atomic_store_explicit(&cpus, platform_cpu_count(), memory_order_relaxed);
    if (atomic_load_explicit(&cpus, memory_order_relaxed) < 2)
        return;
    int64_t now = platform_now_ns(), end = now < waiter->deadline - SPIN_NS ? now + SPIN_NS : waiter->deadline;
    for (; now < end; now = platform_now_ns()) {
        for (int looks = 0; looks < SPIN_LOOKS; looks++) {
            /* Relaxed: look and its CAS decide. */
            if ((atomic_load_explicit(&waiter->block->word.value, memory_order_relaxed) & LOCK_OWNER) == 0)
                return;
            for (int i = 0; i < SPIN_PAUSES; i++)
                platform_pause();
        }
        platform_yield();
    }
}

/* Kept out of line, so that the usual case does not pay for its registers. */
__attribute__((noinline)) static int acquire_slow(mproc_lock lock, int64_t timeout_ms)
{
    struct waiter waiter = { .lock = lock };
    int code = lock_find(lock, &waiter.block);
    if (code < 0)
        return code;
    waiter.self = mproc__node_self();
    if (waiter.self == 0)
        return MPROC_E_LIMIT;
    waiter.deadline = mproc__deadline(timeout_ms);
    if (timeout_ms > 0)
        spin(&waiter);
    return wait_for_lock(&waiter);
}

int mproc_lock_acquire(mproc_lock lock, int64_t timeout_ms)
{
    struct family_block *block = family_find(FAMILY_LOCK, lock.id);
    node_id self = mproc__self.id;
    uint32_t free = 0;
    /* [fast] Acquire: pairs with the release of the last holder. */
    if (block == NULL || self == 0 ||
        !atomic_compare_exchange_strong_explicit(&block->word.value, &free, self, memory_order_acquire,
                                                 memory_order_relaxed))
        return acquire_slow(lock, timeout_ms);
    /* As in taken, which it is but for its arguments. */
    if (!family_is_linked(block, lock.id[1])) {
        word_release(&block->word);
        return stale(lock);
    }
    family_holds(1);
    return 0;
}

/* ---- Release ------------------------------------------------------------------------------------------------- */

/* Any word but the caller's own, and the caller's own with a bit. [release] [wake] */
__attribute__((noinline)) static int release_slow(mproc_lock lock)
{
    struct family_block *block;
    int code = lock_find(lock, &block);
    if (code != 0)
        return code;
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_acquire), released;
    node_id holder;
    do {
        holder = seen & LOCK_OWNER;
        if (holder == FAMILY_RETIRED || !family_is_linked(block, lock.id[1]))
            return stale(lock);
        if (holder == 0)
            return lock_error(MPROC_E_NOT_OWNER, block, ", which nobody holds");
        /* Released for somebody who has died: his death must not be lost on the next locker. */
        bool died = holder != mproc__self.id && !mproc__node_check(holder);
        released = died ? LOCK_DIED : seen & LOCK_DIED;
        /* seq_cst as in word_release. */
    } while (!atomic_compare_exchange_weak(&block->word.value, &seen, released));
    /* A holder whose lock others release keeps a count that is too high: his end wakes the family without need. */
    if (holder == mproc__self.id)
        family_holds(-1);
    if (seen & LOCK_CONTENDED)
        platform_wake(&block->word, 1);
    return 0;
}

int mproc_lock_release(mproc_lock lock)
{
    struct family_block *block = family_find(FAMILY_LOCK, lock.id);
    uint32_t self = mproc__self.id;
    /* Release: pairs with the acquire of the next [take]. Nobody sleeps, so nothing is to be ordered with a wake. */
    if (block == NULL || self == 0 ||
        !atomic_compare_exchange_strong_explicit(&block->word.value, &self, 0, memory_order_release,
                                                 memory_order_relaxed))
        return release_slow(lock);
    family_holds(-1);
    return 0;
}

/* ---- The rest -------------------------------------------------------------------------------------------------- */

int mproc_lock_create(mproc_lock *ret_lock, const mproc_lock_options *options)
{
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "a lock");
    mproc_lock lock;
    void *object;
    int code = mproc__object_create(FAMILY_LOCK, 0, lock.id, &object);
    if (code < 0)
        return code;
    if (options != NULL)
        family_name_set((struct family_block *)object - 1, options->name);
    mproc__object_publish(lock.id);
    *ret_lock = lock;
    return 0;
}

int mproc_lock_destroy(mproc_lock lock)
{
    struct waiter waiter = { .lock = lock, .slept = true };
    int code = lock_find(lock, &waiter.block);
    if (code < 0)
        return code;
    waiter.self = mproc__node_self();
    if (waiter.self == 0)
        return MPROC_E_LIMIT;
    /* Taken first, so that it is this lock that is retired and not the block's next one. */
    do
        code = look(&waiter);
    while (code == LOOK_AGAIN);
    if (code == LOOK_BUSY)
        return lock_error(MPROC_E_STATE, waiter.block, ", which is held");
    if (code < 0)
        return code;
    family_holds(-1);
    /* seq_cst, as a release: the sleepers that are woken next see it. */
    atomic_store(&waiter.block->word.value, FAMILY_RETIRED);
    finish_destroy(waiter.block, lock);
    return 0;
}

int mproc_lock_repaired(mproc_lock lock)
{
    struct family_block *block;
    int code = lock_find(lock, &block);
    if (code != 0)
        return code;
    uint32_t seen = atomic_load_explicit(&block->word.value, memory_order_relaxed);
    if (mproc__self.id == 0 || (seen & LOCK_OWNER) != mproc__self.id)
        return lock_error(MPROC_E_NOT_OWNER, block, ", which the calling thread does not hold");
    /* Relaxed: the repair itself is published by the release that follows. */
    atomic_fetch_and_explicit(&block->word.value, ~LOCK_DIED, memory_order_relaxed);
    return 0;
}

int mproc_lock_locked(mproc_lock lock)
{
    struct family_block *block;
    int code = lock_find(lock, &block);
    if (code != 0)
        return code;
    node_id holder = atomic_load_explicit(&block->word.value, memory_order_acquire) & LOCK_OWNER;
    if (holder == FAMILY_RETIRED || !family_is_linked(block, lock.id[1]))
        return stale(lock);
    return holder != 0 && mproc__node_check(holder);
}
