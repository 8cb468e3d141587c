/* How every call of core waits for something that can be seen in shared memory: it looks, spins once, looks, and then
 * sleeps a slice at a time, with a look after each.
 *
 * A sleep lasts no longer than a slice, whatever else is to wake it. So a waker that was killed between its change and
 * its wake, a sleeper that was killed with somebody else's wake in its hands, and a death that nobody is left to report
 * cost a slice and no more. Who looks is told when a slice has passed since the kernel was last to be asked about those
 * whose death would matter. Together with the 10 ms for which an answer of the kernel about a process is taken for true
 * (process_slot.c) a slice stays below the 50 ms in which a death must be noticed.
 *
 * No wake is lost: word and death word are read before the look, so what is changed after it ends the sleep.
 */
#ifndef MPROC_WORD_AWAIT_H
#define MPROC_WORD_AWAIT_H

#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "platform.h"

#define AWAIT_SLICE_NS (20 * (int64_t)1000000)

/** One wait. All but the first part is zero at first. */
struct await {
    platform_word *word; /**< whoever changes what is looked for changes this word afterwards, and wakes */
    uint64_t on;         /**< second half of the handle that the thread waits for, for onlookers; 0: of none */
    int64_t deadline;    /**< absolute; 0: one look; INT64_MAX: none */
    /** For mproc__await: 0 or more, or an error: the wait is over. AWAIT_WAITS: nothing yet. AWAIT_AGAIN: what was read
     * is no longer true. Once more after the deadline. */
    int (*look)(struct await *await);
    bool counts;     /**< the word is an event count: see eventcount.h */
    uint8_t what;    /**< an enum thread_wait: what it waits for there */
    bool spun;       /**< it has spun; true at first for who does not want to */
    int64_t longest; /**< slices grow to this, for who waits where nobody can know who may come; 0: they do not */
    /* Set by mproc__await_begin, before each look: */
    uint32_t seen;   /**< the word; a look may change it to what the word must be for the caller to sleep */
    uint32_t deaths; /**< the death word */
    bool last;       /**< the deadline has passed: this look is the last */
    bool ask;        /**< the kernel is to be asked */
    bool slept;
    int64_t since; /**< when it first went to sleep */
    int64_t now, slice, next_ask;
};
#define AWAIT_WAITS (-1)
#define AWAIT_AGAIN (-2)

/** Looks, spins, sleeps, until a look ends it. Returns what the look did, or MPROC_E_TIMEOUT without a message. */
int mproc__await(struct await *await);

/* For who looks in a loop of his own: begin, look, and, if there was nothing, pause. */

/** Before a look. */
void mproc__await_begin(struct await *await);

/** After a look that has found nothing: spins, the first time, or sleeps. False, at once, if the time is up. */
bool mproc__await_pause(struct await *await);

/** The end of the slice that begins now, for who sleeps in another way. */
int64_t mproc__await_slice_end(const struct await *await);

/** Whether the thread of this slot has died, as far as this look is to know. */
static inline bool await_finds_dead(const struct await *await, thread_slot thread)
{
    return await->ask ? !mproc__thread_slot_check(thread) : !mproc__thread_slot_is_live(thread);
}

#endif
