/* Sweeping; see sweep.h. */
#include "memory/sweep.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/page.h"
#include "memory/span.h"

static size_t page_sweep(uint32_t page, thread_slot self)
{
    uint64_t state = atomic_load(&family_page(page)->state);
    if (family_word_state(state) != STATE_PUBLISHED)
        return mproc__page_sweep(page, state, self);
    enum family_type type = (enum family_type)family_word_tag(state);
    return type == FAMILY_SPAN ? mproc__span_sweep(page, state, self) : mproc__blocks_sweep(page, type);
}

struct count {
    uint32_t spare, first_free, last_free;
    uint32_t blocks[FAMILY_TYPES]; /**< pages of each type; FAMILY_SPAN: not looked at */
};

static void count_page(struct count *count, uint32_t page)
{
    uint64_t state = atomic_load_explicit(&family_page(page)->state, memory_order_relaxed);
    uint32_t tag = family_word_tag(state);
    if (family_word_state(state) == STATE_PUBLISHED && tag < FAMILY_SPAN)
        count->blocks[tag]++;
    if (family_word_state(state) != STATE_FREE)
        return;
    count->spare += (tag & PAGE_BACKED) != 0;
    count->last_free = page;
    if (page < count->first_free)
        count->first_free = page;
}

/* Counts anew what deaths may have miscounted, and finds the first and the last free page, which one may have left
 * unsaid. Relaxed: what others count in this moment may be lost, until the next time. */
static void count_anew(const struct page_bounds *bounds)
{
    uint32_t pages = mproc__family.pages;
    struct count count = { .first_free = pages };
    for (uint32_t page = page_from(bounds, 0); page < pages; page = page_from(bounds, page + 1))
        count_page(&count, page);
    atomic_store_explicit(&family_header()->spare_pages, count.spare, memory_order_relaxed);
    for (unsigned type = 0; type < FAMILY_SPAN; type++)
        atomic_store_explicit(&family_header()->block_pages[type], count.blocks[type], memory_order_relaxed);
    if (count.first_free < pages)
        mproc__pages_offer(count.first_free, count.last_free);
}

size_t mproc__memory_sweep(void)
{
    thread_slot self = mproc__thread_slot_self();
    if (self == 0)
        return 0;
    size_t swept = 0;
    struct page_bounds bounds = page_bounds();
    for (uint32_t page = page_from(&bounds, 0); page < mproc__family.pages; page = page_from(&bounds, page + 1))
        swept += page_sweep(page, self);
    count_anew(&bounds);
    return swept;
}

size_t mproc__memory_sweep_after_death(void)
{
    uint32_t deaths = atomic_load(&family_header()->death.value);
    if (atomic_load(&family_header()->swept_death) == deaths)
        return 0;
    /* Who takes that on and dies in it leaves the rest to the next death, which is his. */
    if (atomic_exchange(&family_header()->swept_death, deaths) == deaths)
        return 0;
    return mproc__memory_sweep();
}
