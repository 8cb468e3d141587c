/* How mproc_wait_any, which waits for objects of any kind at once, is told that one of them has become ready.
 *
 * The family has one activity word. Each object that can be waited for has a flag `watched`, 0 in the beginning. Who
 * waits reads the word, sets the flags of all its objects, looks at each of them, and sleeps while the word is as
 * it was read. Who makes an object ready makes its change, fences, and, if the flag is set, changes the word and wakes
 * all sleepers.
 *
 * The flag stays set. To clear it and then change the word would leave a sleeper behind if the one who does so is
 * killed between the two; to do it in the other order could clear the flag of somebody who came in between. So an
 * object that was once part of such a wait costs an atomic addition for each change from then on, and one that never
 * was costs a load.
 *
 * A process killed between its change and the announcement leaves sleepers behind until its death is announced, which
 * changes the word as well; they look by themselves every 40 ms besides, for deaths that nobody reports.
 */
#ifndef MPROC_FAMILY_ACTIVITY_H
#define MPROC_FAMILY_ACTIVITY_H

#include "base/base.h"
#include "platform.h"

/** The word that changes whenever something that mproc_wait_any looks at has become ready. */
platform_word *mproc__family_activity_word(void);

/** Changes the activity word and wakes all who wait with it. */
void mproc__activity_announce(void);

/** For whoever has made an object ready. Between the change and this call lies a seq_cst fence of the caller's, or a
 * seq_cst read-modify-write after the change: it pairs with the fence in mproc__activity_watch, so that either this
 * sees the flag, or the one who waits sees the change. */
static inline void mproc__activity_note(_Atomic uint32_t *watched)
{
    /* Relaxed: ordered by the fence. */
    if (unlikely(atomic_load_explicit(watched, memory_order_relaxed) != 0))
        mproc__activity_announce();
}

/** For whoever waits: before it looks at the object, after it has read the activity word. */
static inline void mproc__activity_watch(_Atomic uint32_t *watched)
{
    /* A store that changes nothing would still take the cache line away from those who use the object. */
    if (atomic_load_explicit(watched, memory_order_relaxed) == 0)
        atomic_store_explicit(watched, 1, memory_order_relaxed);
    /* Pairs with the fence that mproc__activity_note asks for. */
    atomic_thread_fence(memory_order_seq_cst);
}

#endif
