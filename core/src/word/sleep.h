/* How the calls of core wait on a word of an object: first they spin, then they sleep a slice at a time.
 */
#ifndef MPROC_WORD_SLEEP_H
#define MPROC_WORD_SLEEP_H

#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "platform.h"

/** A sleep lasts no longer than this, whatever else is to wake it. So a waker that was killed between its change and
 * its wake, a sleeper that was killed with somebody else's wake in its hands, and a death that nobody is left to
 * report cost a slice and no more. Together with the 10 ms for which an answer of the kernel about a process is taken
 * for true (node.c) it stays below the 50 ms in which a death must be noticed. */
#define SLEEP_SLICE_NS (20 * (int64_t)1000000)

/** Spinning for about 20 us, or until deadline_ns: the caller looks at what it waits for, and goes on as long as
 * mproc__spin_on says true, which pauses. False at once where this process has one CPU only: spinning is for others who
 * run meanwhile. */
struct mproc__spin {
    int64_t end;
    int looks;
};
struct mproc__spin mproc__spin_begin(int64_t deadline_ns);
bool mproc__spin_on(struct mproc__spin *spin);

/** Spins while the masked value is the pattern if equal, while it is not if not. Whoever calls looks himself
 * afterwards. */
void mproc__spin(const _Atomic uint32_t *value, uint32_t mask, uint32_t pattern, bool equal, int64_t deadline_ns);

/** Sleeps while the word has the value seen and the death word the value deaths, until end_ns at the latest. deaths
 * was read before the look that found nothing to do: who dies after the look has changed the death word, and the sleep
 * ends at once. on: second half of the handle that the thread waits for, for onlookers. */
void mproc__sleep(platform_word *word, uint32_t seen, uint32_t deaths, int64_t end_ns, uint64_t on);

/** One wait for something that can be seen by looking: a permit, a flag, a mark, a generation. */
struct sleeper {
    platform_word *word; /**< whoever changes what is looked for changes this word afterwards, and wakes */
    uint64_t on;         /**< second half of the handle, for onlookers */
    int64_t deadline;
    /** 0 or more, or an error: the wait is over. SLEEPER_WAITS: it goes on. Once more after the deadline. */
    int (*look)(struct sleeper *sleeper);
    /* Set before each look: */
    uint32_t seen;   /**< the word */
    uint32_t deaths; /**< the death word */
    bool ask;        /**< a slice has passed: the kernel is to be asked about those whose death would matter */
    int64_t next_ask;
};
#define SLEEPER_WAITS (-1)

/** Looks, spins, sleeps a slice at a time, until a look ends it. Returns what the look did, or MPROC_E_TIMEOUT without
 * a message. No wake is lost: word and death word are read before the look, so what is changed after it ends the
 * sleep. */
int mproc__sleeper_wait(struct sleeper *sleeper);

/** Whether the thread of this node has died, as far as this look is to know. */
static inline bool sleeper_finds_dead(const struct sleeper *sleeper, node_id node)
{
    return sleeper->ask ? !mproc__node_check(node) : !mproc__node_is_live(node);
}

#endif
