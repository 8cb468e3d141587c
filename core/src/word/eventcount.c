/* Event counts: waking. */
#include "word/eventcount.h"

void mproc__eventcount_wake(platform_word *word, int count)
{
    uint32_t seen = atomic_load_explicit(&word->value, memory_order_relaxed);
    /* seq_cst, as platform_wake asks. Of several notifiers that see the bit one wakes. */
    while (seen & EVENTCOUNT_SLEEPERS) {
        if (!atomic_compare_exchange_weak(&word->value, &seen, (seen + EVENTCOUNT_STEP) & ~EVENTCOUNT_SLEEPERS))
            continue;
        platform_wake(word, count);
        return;
    }
}
