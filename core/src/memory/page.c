/* Runs of pages; see page.h. */
#include "memory/page.h"
#include "base/error.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include <string.h>

/* So many free pages keep their memory: a queue whose large messages come and go gets warm memory, which is an order of
 * magnitude faster, and an idle family does not hold more than this but for what somebody has asked for. */
#define SPARE_MAX ((uint32_t)(((size_t)16 << 20) / FAMILY_PAGE_SIZE))

void mproc__hint_lower(unsigned kind, uint32_t place)
{
    _Atomic uint64_t *hint = &family_header()->hint[kind];
    uint64_t known = atomic_load(hint), lower;
    do {
        uint32_t at = (uint32_t)known;
        lower = ((known >> 32) + 1) << 32 | (place < at ? place : at);
    } while (!atomic_compare_exchange_weak(hint, &known, lower));
}

void mproc__hint_raise(unsigned kind, uint64_t known, uint32_t place)
{
    if (place > (uint32_t)known)
        atomic_compare_exchange_strong(&family_header()->hint[kind], &known, known >> 32 << 32 | place);
}

void mproc__pages_offer(uint32_t first, uint32_t last)
{
    mproc__hint_lower(HINT_FRONT, first);
    mproc__hint_lower(HINT_END, family_rank(last));
}

/* Before anything beyond the bound is claimed, and after its directory entry is backed: the sweep looks so far. */
static void bound_raise(_Atomic uint32_t *which, uint32_t bound)
{
    uint32_t known = atomic_load(which);
    while (known < bound && !atomic_compare_exchange_weak(which, &known, bound))
        ;
}

static bool is_span_head(uint64_t state)
{
    return family_word_state(state) == STATE_PUBLISHED && family_word_tag(state) == FAMILY_SPAN;
}

static uint32_t tail_head(uint64_t state)
{
    return family_word_tag(state) & PAGE_INDEX;
}

static uint32_t memory_of(uint64_t state)
{
    return family_word_tag(state) & ~PAGE_INDEX;
}

/* ---- Claiming ---- */

/* The first page from here on where a run of this length may begin. */
static uint32_t run_place(uint32_t page, uint32_t count)
{
    uint32_t within = page % FAMILY_WINDOW_PAGES;
    bool fits = count <= FAMILY_WINDOW_PAGES ? within + count <= FAMILY_WINDOW_PAGES : within == 0;
    return fits ? page : page - within + FAMILY_WINDOW_PAGES;
}

uint32_t mproc__page_after(uint32_t page)
{
    uint64_t state = atomic_load(&family_page(page)->state);
    uint32_t head = family_word_state(state) == STATE_TAIL ? tail_head(state) : page;
    if (!is_span_head(atomic_load(&family_page(head)->state)))
        return page + 1;
    uint64_t end = head + atomic_load_explicit(&family_page(head)->free, memory_order_relaxed);
    return end > page && end <= mproc__family.pages ? (uint32_t)end : page + 1;
}

/* How many pages in a row are free, up to count. */
static uint32_t free_pages(uint32_t page, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (family_word_state(atomic_load_explicit(&family_page(page + i)->state, memory_order_relaxed)) != STATE_FREE)
            return i;
    return count;
}

/* Undoes the claim of a run's first done pages. Nobody else changes them while its claimant lives. */
static void run_restore(const struct page_run *run, uint32_t done)
{
    for (uint32_t i = done - 1; i > 0; i--) {
        _Atomic uint64_t *state = &family_page(run->first + i)->state;
        atomic_store(state, family_word(memory_of(atomic_load_explicit(state, memory_order_relaxed)), STATE_FREE, 0));
    }
    atomic_store(&family_page(run->first)->state, family_word(run->head_memory, STATE_FREE, 0));
    mproc__pages_offer(run->first, run->first + done - 1);
}

/* Returns how many pages could be claimed, all of them or, with the claim undone, less. */
static uint32_t run_claim(struct page_run *run, thread_slot thread)
{
    uint64_t state = atomic_load(&family_page(run->first)->state);
    if (family_word_state(state) != STATE_FREE ||
        !atomic_compare_exchange_strong(&family_page(run->first)->state, &state, family_word(0, STATE_CLAIMED, thread)))
        return 0;
    run->head_memory = memory_of(state);
    for (uint32_t i = 1; i < run->count; i++) {
        _Atomic uint64_t *page = &family_page(run->first + i)->state;
        state = atomic_load(page);
        if (family_word_state(state) != STATE_FREE ||
            !atomic_compare_exchange_strong(page, &state,
                                            family_word(run->first | memory_of(state), STATE_TAIL, run->generation))) {
            run_restore(run, i);
            return i;
        }
    }
    return run->count;
}

/* From the front on. Returns 0, PAGES_NONE or an error. */
static int run_search(struct page_run *run, thread_slot thread)
{
    uint64_t hint = atomic_load(&family_header()->hint[HINT_FRONT]);
    for (uint32_t page = run_place((uint32_t)hint, run->count); page + run->count <= mproc__family.pages;) {
        uint32_t end = page + run->count;
        int code = mproc__family_reach_page(AREA_DIRECTORY, end - 1);
        if (code < 0)
            return code;
        bound_raise(&family_header()->page_bound, end);
        uint32_t found = free_pages(page, run->count);
        run->first = page;
        if (found == run->count && (found = run_claim(run, thread)) == run->count) {
            /* Otherwise shorter runs below this one may have been passed over. */
            if (run->count == 1 || page == (uint32_t)hint)
                mproc__hint_raise(HINT_FRONT, hint, end);
            return 0;
        }
        page = run_place(mproc__page_after(page + found), run->count);
    }
    return PAGES_NONE;
}

/* The same from the end back, for one page. The bound is not raised over pages of data that are only passed. */
static int last_search(struct page_run *run, thread_slot thread)
{
    uint64_t hint = atomic_load(&family_header()->hint[HINT_END]);
    for (uint32_t rank = (uint32_t)hint; rank < mproc__family.pages; rank++) {
        run->first = family_rank(rank);
        int code = mproc__family_reach_page(AREA_DIRECTORY_END, run->first);
        if (code < 0)
            return code;
        if (free_pages(run->first, 1) == 0)
            continue;
        bound_raise(&family_header()->rank_bound, rank + 1);
        if (run_claim(run, thread) == 1) {
            mproc__hint_raise(HINT_END, hint, rank + 1);
            return 0;
        }
    }
    mproc__hint_raise(HINT_END, hint, mproc__family.pages);
    return PAGES_NONE;
}

/* ---- Memory ---- */

int mproc__pages_address(uint32_t first, uint32_t count, void **ret_address)
{
    return count > FAMILY_WINDOW_PAGES ? mproc__family_extent(first, count, ret_address)
                                       : mproc__family_address(family_page_offset(first), ret_address);
}

static uint32_t run_memory(const struct page_run *run, uint32_t index)
{
    return index == 0 ? run->head_memory
                      : memory_of(atomic_load_explicit(&family_page(run->first + index)->state, memory_order_relaxed));
}

static uint32_t run_backed(const struct page_run *run)
{
    uint32_t backed = 0;
    for (uint32_t i = 0; i < run->count; i++)
        backed += (run_memory(run, i) & PAGE_BACKED) != 0;
    return backed;
}

static void run_zero(const struct page_run *run)
{
    for (uint32_t i = 0; i < run->count; i++)
        if (run_memory(run, i) & PAGE_DIRTY)
            memset(run->address + (size_t)i * FAMILY_PAGE_SIZE, 0, FAMILY_PAGE_SIZE);
}

static int run_prepare(struct page_run *run, bool zeroed)
{
    void *address;
    int code = mproc__pages_address(run->first, run->count, &address);
    if (code < 0)
        return code;
    run->address = address;
    uint32_t backed = run_backed(run);
    if (backed < run->count) {
        code = platform_segment_commit(mproc__family.segment, address, family_page_offset(run->first),
                                       (size_t)run->count * FAMILY_PAGE_SIZE);
        if (code < 0)
            return mproc__error_platform(code, "backing the family segment with memory");
    }
    if (zeroed)
        run_zero(run);
    /* Relaxed, as everywhere: a count that decides about thrift and nothing else. */
    atomic_fetch_sub_explicit(&family_header()->spare_pages, backed, memory_order_relaxed);
    return 0;
}

typedef int page_search(struct page_run *run, thread_slot thread);

static uint32_t new_generation(void)
{
    return (uint32_t)mproc__family_new_key() & THREAD_SLOT_MASK;
}

static int claim(page_search *search, struct page_run *run, thread_slot thread, bool zeroed)
{
    run->generation = new_generation();
    int code = search(run, thread);
    if (code == 0) {
        code = run_prepare(run, zeroed);
        if (code < 0)
            run_restore(run, run->count);
    }
    return code;
}

int mproc__pages_claim(uint32_t count, thread_slot thread, bool zeroed, struct page_run *ret_run)
{
    *ret_run = (struct page_run){ .count = count };
    return claim(run_search, ret_run, thread, zeroed);
}

int mproc__page_claim_last(thread_slot thread, struct page_run *ret_run)
{
    *ret_run = (struct page_run){ .count = 1 };
    return claim(last_search, ret_run, thread, true);
}

/* Gives the memory of pages back to the system, by the system's own units: what only shares a unit with others keeps
 * its memory. Returns what is known of the pages then. */
static uint32_t give_back(uint32_t first, uint32_t count)
{
    size_t unit = platform_segment_granularity();
    size_t begin = family_page_offset(first), end = begin + (size_t)count * FAMILY_PAGE_SIZE;
    size_t first_unit = (begin + unit - 1) & ~(unit - 1), units_end = end & ~(unit - 1);
    if (first_unit < units_end &&
        platform_segment_decommit(mproc__family.segment, first_unit, units_end - first_unit) < 0)
        return PAGE_BACKED | PAGE_DIRTY;
    return first_unit == begin && units_end == end ? 0 : PAGE_DIRTY;
}

/* Gives back the memory of a run that is counted as spare. */
static uint32_t run_give_back(const struct page_run *run)
{
    uint32_t memory = give_back(run->first, run->count);
    if (!(memory & PAGE_BACKED))
        atomic_fetch_sub_explicit(&family_header()->spare_pages, run->count, memory_order_relaxed);
    return memory;
}

static uint32_t spare_most(void)
{
    uint32_t asked = atomic_load_explicit(&family_header()->spare_asked, memory_order_relaxed);
    return asked > SPARE_MAX ? asked : SPARE_MAX;
}

/* Gives a run's memory back to the system, or keeps it for the next. Returns what is known of it then. */
static uint32_t run_let_go(const struct page_run *run)
{
    uint32_t before = atomic_fetch_add_explicit(&family_header()->spare_pages, run->count, memory_order_relaxed);
    uint32_t most = spare_most();
    if (before <= most && before + run->count <= most)
        return PAGE_BACKED | PAGE_DIRTY;
    return run_give_back(run);
}

static void run_free(const struct page_run *run, uint32_t memory)
{
    uint64_t freed = family_word(memory, STATE_FREE, 0);
    for (uint32_t i = run->count; i > 0; i--)
        /* seq_cst: the head last, as the tails are worth what it says; and all before the hints are lowered, so
         * that who sees the old hint's version sees the pages as well. */
        atomic_store(&family_page(run->first + i - 1)->state, freed);
    mproc__pages_offer(run->first, run->first + run->count - 1);
}

void mproc__pages_free(const struct page_run *run)
{
    run_free(run, run_let_go(run));
}

/* ---- Spare memory ---- */

void mproc__pages_keep(uint32_t count)
{
    _Atomic uint32_t *asked = &family_header()->spare_asked;
    if (atomic_load_explicit(asked, memory_order_relaxed) < count)
        atomic_store_explicit(asked, count, memory_order_relaxed);
}

static uint32_t warm_pages(uint32_t page, uint32_t end)
{
    uint32_t count = 0;
    while (page + count < end) {
        uint64_t state = atomic_load_explicit(&family_page(page + count)->state, memory_order_relaxed);
        if (family_word_state(state) != STATE_FREE || !(memory_of(state) & PAGE_BACKED))
            break;
        count++;
    }
    return count;
}

/* Claims the run as if it were for a span, so that a death is told as there. Returns false if memory stays where it is.
 */
static bool trim_run(uint32_t first, uint32_t count, thread_slot thread)
{
    struct page_run run = { .first = first, .count = count, .generation = new_generation() };
    if (run_claim(&run, thread) < count)
        return true;
    /* Used and given back since we looked: what is left is not counted. */
    if (run_backed(&run) < count) {
        run_restore(&run, count);
        return true;
    }
    uint32_t memory = run_give_back(&run);
    run_free(&run, memory);
    return !(memory & PAGE_BACKED);
}

static bool trim_window(uint32_t first, uint32_t end, thread_slot thread)
{
    bool can = true;
    for (uint32_t page = first; can && page < end; page++) {
        uint32_t count = warm_pages(page, end);
        if (count > 0)
            can = trim_run(page, count, thread);
        page += count;
    }
    return can;
}

static uint32_t spare(void)
{
    return atomic_load_explicit(&family_header()->spare_pages, memory_order_relaxed);
}

/* From the end back: what is used next is taken from the front. */
void mproc__pages_trim(void)
{
    thread_slot thread = mproc__thread_slot_self();
    atomic_store_explicit(&family_header()->spare_asked, 0, memory_order_relaxed);
    bool can = thread != 0;
    for (uint32_t end = page_bounds().data, first; can && end > 0 && spare() > SPARE_MAX; end = first) {
        first = (end - 1) / FAMILY_WINDOW_PAGES * FAMILY_WINDOW_PAGES;
        can = trim_window(first, end, thread);
    }
}

/* ---- Sweeping ---- */

/* What this says of a tail stays true: its generation is of one claim only, which was begun at the head before the tail
 * was there, and which is over when the head says anything else. The tail was read before the head.
 *
 * If somebody who lives has claimed the head, for this run or another, the next sweep tells. If he is dead he may still
 * have published it, and died, since we read it: so it is read again, and what a dead claimant has left stays. */
static bool tail_is_orphan(uint64_t tail)
{
    _Atomic uint64_t *word = &family_page(tail_head(tail))->state;
    uint64_t head = atomic_load(word);
    switch (family_word_state(head)) {
    case STATE_CLAIMED:
        return !mproc__thread_slot_is_live(family_word_thread(head)) && atomic_load(word) == head;
    case STATE_PUBLISHED:
        return head != family_word(FAMILY_SPAN, STATE_PUBLISHED, family_word_thread(tail));
    default:
        return true;
    }
}

bool mproc__page_sweep(uint32_t page, uint64_t state, thread_slot thread)
{
    bool orphan = family_word_state(state) == STATE_TAIL      ? tail_is_orphan(state)
                  : family_word_state(state) == STATE_CLAIMED ? !mproc__thread_slot_is_live(family_word_thread(state))
                                                              : false;
    _Atomic uint64_t *word = &family_page(page)->state;
    if (!orphan || !atomic_compare_exchange_strong(word, &state, family_word(0, STATE_CLAIMED, thread)))
        return false;
    /* Nobody knows how far its claimant had come, so it is not taken for backed. */
    uint32_t memory = give_back(page, 1) & ~PAGE_BACKED;
    atomic_store(word, family_word(memory, STATE_FREE, 0));
    mproc__pages_offer(page, page);
    return true;
}
