/* Sweeping; see sweep.h. */
#include "memory/sweep.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/page.h"
#include "memory/span.h"

static size_t page_sweep(uint32_t page, node_id self)
{
    uint64_t state = atomic_load(&family_page(page)->state);
    if (family_word_state(state) != STATE_LINKED)
        return mproc__page_sweep(page, state, self);
    enum family_type type = (enum family_type)family_word_tag(state);
    return type == FAMILY_SPAN ? mproc__span_sweep(page, state, self) : mproc__blocks_sweep(page, type);
}

/* Counts anew what deaths may have miscounted, and finds the lowest free page, which one may have left unsaid. */
static void count_free(uint32_t bound)
{
    uint32_t spare = 0, lowest = bound;
    for (uint32_t page = bound; page-- > 0;) {
        uint64_t state = atomic_load_explicit(&family_page(page)->state, memory_order_relaxed);
        if (family_word_state(state) == STATE_FREE) {
            spare += (family_word_tag(state) & PAGE_BACKED) != 0;
            lowest = page;
        }
    }
    atomic_store_explicit(&family_header()->spare_pages, spare, memory_order_relaxed);
    mproc__hint_lower(FAMILY_FREE, lowest);
}

size_t mproc__family_sweep(void)
{
    node_id self = mproc__node_self();
    if (self == 0)
        return 0;
    size_t swept = 0;
    uint32_t bound = atomic_load(&family_header()->page_bound);
    for (uint32_t page = 0; page < bound; page++)
        swept += page_sweep(page, self);
    count_free(bound);
    return swept;
}

size_t mproc__family_sweep_after_death(void)
{
    uint32_t deaths = atomic_load(&family_header()->death.value);
    if (atomic_load(&family_header()->swept_death) == deaths)
        return 0;
    /* Who takes that on and dies in it leaves the rest to the next death, which is his. */
    if (atomic_exchange(&family_header()->swept_death, deaths) == deaths)
        return 0;
    return mproc__family_sweep();
}
