/* The objects of this folder as they lie in the family segment. A lock is no more than its block's own word.
 */
#ifndef MPROC_SYNC_SYNC_LAYOUT_H
#define MPROC_SYNC_SYNC_LAYOUT_H

#include "base/function.h"
#include "family/family_layout.h"
#include "memory/block.h"
#include <mproc/barrier.h>
#include <mproc/condition.h>
#include <mproc/semaphore.h>

/** FAMILY_RLOCK; the block's own word is the lock. */
struct rlock_object {
    _Atomic uint32_t depth; /**< how often its owner has taken it */
};
_Static_assert(sizeof(struct rlock_object) == 4, "an RLock as the layout says");

/* ---- Semaphores ---- */

/** FAMILY_SEMAPHORE. count: a stamped word, whose content is the count above the bit ASKED. */
struct semaphore_object {
    _Atomic uint64_t count;
    uint32_t limit; /**< of the count */
    bool bounded;
};
_Static_assert(sizeof(struct semaphore_object) == 16, "a semaphore as the layout says");

/** One of the count. */
#define SEMAPHORE_PERMIT 2u

/** FAMILY_SEMAPHORE_OWNED. holder: of each permit the thread slot, or 0. */
struct semaphore_owned_object {
    _Atomic uint32_t units;
    _Atomic uint32_t holder[MPROC_SEMAPHORE_TRACKED_MAX];
};
_Static_assert(sizeof(struct semaphore_owned_object) == 4 + 4 * MPROC_SEMAPHORE_TRACKED_MAX, "no gaps");
_Static_assert(sizeof(struct semaphore_owned_object) <= FAMILY_OBJECT_MAX, "the permits have a page");

/** What a release adds to the block's own word: 1 means something else there (FAMILY_RETIRED). */
#define SEMAPHORE_OWNED_RELEASE 2u

/* ---- Event ---- */

/** FAMILY_EVENT. state: a stamped word with the flag, and above it how often it was set. */
struct event_object {
    _Atomic uint64_t state;
    _Atomic uint32_t watched; /**< see activity.h */
    uint32_t unused;
};
_Static_assert(sizeof(struct event_object) == 16, "an event as the layout says");

#define EVENT_FLAG    2u
#define EVENT_ONE_SET 4u
#define EVENT_SETS(w) ((uint32_t)(w) & ~(EVENT_ONE_SET - 1))

/* ---- Condition ---- */

/** FAMILY_CONDITION. */
struct condition_object {
    uint64_t lock[2];      /**< of the lock that goes with it */
    enum family_type type; /**< its type; FAMILY_CONDITION: the block's own word, and depth */
    _Atomic uint32_t depth;
    _Atomic uint32_t tickets; /**< of the next wait */
    _Atomic uint32_t used;    /**< entries from here on have never been used */
    _Atomic uint64_t entry[MPROC_CONDITION_WAITERS_MAX];
};
_Static_assert(sizeof(struct condition_object) == 32 + 8 * MPROC_CONDITION_WAITERS_MAX, "no gaps");
_Static_assert(sizeof(struct condition_object) <= FAMILY_OBJECT_MAX, "the entries have a page");

/** What an entry says: see condition.c. */
enum { CONDITION_WAITING = 1, CONDITION_MARKED = 2 };

/* ---- Barrier ---- */

/** FAMILY_BARRIER. The block's own word is the generation, with the bits below. */
struct barrier_object {
    platform_word guard;
    /* Written before the object is published. */
    uint32_t parties;
    int64_t timeout_ms;
    struct function_ref action;
    uint64_t args_size;
    uint64_t args[MPROC_BARRIER_ARGS_MAX / 8]; /**< of the action */
    /* Under the guard; count is also looked at without. */
    _Atomic uint32_t count;                               /**< who has come in this generation */
    _Atomic uint32_t used;                                /**< entries from here on have never been used */
    _Atomic uint32_t attached[MPROC_BARRIER_PARTIES_MAX]; /**< thread slots; 0: free */
    _Atomic uint64_t entry[MPROC_BARRIER_THREADS_MAX];
};
_Static_assert(sizeof(struct barrier_object) ==
                   64 + MPROC_BARRIER_ARGS_MAX + 4 * MPROC_BARRIER_PARTIES_MAX + 8 * MPROC_BARRIER_THREADS_MAX,
               "a barrier as the layout says");
_Static_assert(sizeof(struct barrier_object) <= FAMILY_OBJECT_MAX, "the entries have a page");

/** The word: bit 0 stays clear, for 1 would mean that the object is being destroyed (FAMILY_RETIRED). */
#define BARRIER_BROKEN         2u
#define BARRIER_SCATTERED      4u
#define BARRIER_ONE_GENERATION 8u
#define BARRIER_GENERATION(w)  ((w) & ~(BARRIER_ONE_GENERATION - 1))

/** An entry: generation << 32 | state << 30 | thread slot; 0 is free. */
enum { BARRIER_WAITS = 1, BARRIER_PASSED = 2, BARRIER_BROKE = 3 };

#endif
