/* A word of a shared object that only users of this object can change, and how they sleep until it changes.
 *
 * An object can be destroyed, and its block become another one, between the check of a handle and a change of what is
 * in the object. So the word bears the object's generation, and every change compares the whole of it: through a stale
 * handle nothing changes. It is made of
 *
 *     generation << 32 | content, of which bit 0 is ASKED
 *
 * Who finds nothing to take sets ASKED and sleeps on the block's own word, the bell, which is not compared with
 * anything and may be rung for the wrong object: that costs a look for nothing. ASKED stays for as long as the object
 * is there: where nobody has ever slept a change is one compare-and-swap and no more.
 *
 * Orders. The sleeper loads the bell, then sets ASKED in the very word in which he found nothing. The waker changes the
 * word, then looks at what it was. Both are changes of one word and so have one order: if the waker's comes first the
 * sleeper's fails, and he looks again; if it comes second it finds ASKED, and the bell changes after it was loaded, so
 * that platform_wait does not sleep, or is woken.
 */
#ifndef MPROC_WORD_STAMPED_H
#define MPROC_WORD_STAMPED_H

#include "family/family_layout.h"

#define STAMPED_ASKED 1u
/* The bell counts in twos: 1 means something else there (FAMILY_RETIRED). */
#define STAMPED_STEP 2u

/** second: half of the handle, which bears the generation. */
static inline uint64_t stamped_word(uint64_t second, uint32_t content)
{
    return (second & ~(uint64_t)UINT32_MAX) | content;
}

static inline bool stamped_is_of(uint64_t word, uint64_t second)
{
    return word >> 32 == second >> 32;
}

/** Asks for a ring, in the word last seen. False: it has changed, look again. seq_cst: see above. */
static inline bool stamped_ask(_Atomic uint64_t *word, uint64_t seen)
{
    return (seen & STAMPED_ASKED) || atomic_compare_exchange_strong(word, &seen, seen | STAMPED_ASKED);
}

/** After a change of the word, by a seq_cst compare-and-swap: wakes so many who have asked. before: what it was. */
static inline void stamped_notify(struct family_block *block, uint64_t before, int count)
{
    if (!(before & STAMPED_ASKED))
        return;
    atomic_fetch_add(&block->word.value, STAMPED_STEP);
    platform_wake(&block->word, count);
}

#endif
