/* Pages of the family segment: runs of them, from free to claimed and back.
 *
 * A run is claimed from its head on: the head by the claimant's thread slot, then each further page as a tail of this
 * head and of a generation that no other run has. A tail is worth what its head says: it is over, and anybody's to take
 * back, once the head is neither claimed by somebody who lives nor the head of a span of that generation. So a death
 * leaves nothing that cannot be told, and no word of it can be taken for a newer one's. tests/models/span.pml is this
 * protocol for an exhaustive checker.
 *
 * Data takes pages from the front on, objects from the end back, one at a time, and keep them. So what was many small
 * pieces of data can be one large one again.
 *
 * Runs of up to a window (256 pages) do not cross a window's boundary, longer ones begin at one: either lies in one
 * piece in memory.
 *
 * Memory is given back to the system when a run becomes free, but for some that is kept for the next one, more where
 * somebody says that he moves much; what is used again is zeroed first.
 */
#ifndef MPROC_MEMORY_PAGE_H
#define MPROC_MEMORY_PAGE_H

#include "family/family_layout.h"
#include "family/view.h"

struct page_run {
    uint32_t first, count;
    uint32_t generation;
    uint32_t head_memory; /**< what was known of the first page's memory: PAGE_BACKED, PAGE_DIRTY */
    unsigned char *address;
};

/** Claims the first run that there is for the calling thread, backed with memory and mapped.
 * zeroed: else there may be anything in it.
 * Returns 0, or PAGES_NONE, without a message, if there is no such run.
 * Errors: MPROC_E_LIMIT if there is no memory for it; MPROC_E_NO_MEMORY, MPROC_E_OS. */
#define PAGES_NONE 1
int mproc__pages_claim(uint32_t count, thread_slot thread, bool zeroed, struct page_run *ret_run);

/** Claims the last free page, for blocks, zeroed. As mproc__pages_claim. */
int mproc__page_claim_last(thread_slot thread, struct page_run *ret_run);

/** Makes a claimed run free: first and count of it are looked at. */
void mproc__pages_free(const struct page_run *run);

/** The address of a run that somebody has claimed or published; mapped if need be. */
int mproc__pages_address(uint32_t first, uint32_t count, void **ret_address);

/** Takes back a page in this state, claimed or tail, if it is a dead process's. Returns whether it was us. */
bool mproc__page_sweep(uint32_t page, uint64_t state, thread_slot thread);

/** A hint says: before this place there is nothing free of the kind (a type, HINT_FRONT or HINT_END). A place is a
 * page, or a rank. Giving something back lowers it, and changes its version even if there is nothing to lower: an
 * allocation that has passed the place before and wants to raise the hint above it then fails to, for the version is no
 * longer the one it began with. */
void mproc__hint_lower(unsigned kind, uint32_t place);
void mproc__hint_raise(unsigned kind, uint64_t known, uint32_t place);

/** What is free between these pages can be found. */
void mproc__pages_offer(uint32_t first, uint32_t last);

/** The page behind this one, or behind the span that it is part of. By hints alone: should that end in this moment,
 * some pages that are free then are passed over. */
uint32_t mproc__page_after(uint32_t page);

/* ---- Spare memory ---- */

/** From now on so many free pages may keep their memory, until the next trim: for whoever takes and frees large spans
 * all the time, and would else get cold memory each time. Nobody's death undoes it. A load where it was said before. */
void mproc__pages_keep(uint32_t count);

/** Takes back what mproc__pages_keep has allowed, and gives the memory of free pages to the system until no more is
 * spare than usual. While it is at work a run of its pages is nobody else's to claim. */
void mproc__pages_trim(void);

/* ---- All pages ---- */

/** Pages that were ever claimed, and have a directory entry: those below data, and those from objects on. Acquire:
 * pairs with the CAS that raised the bound, before which the entry was backed. */
struct page_bounds {
    uint32_t data, objects;
};

static inline struct page_bounds page_bounds(void)
{
    uint32_t data = atomic_load_explicit(&family_header()->page_bound, memory_order_acquire);
    uint32_t objects = mproc__family.pages - atomic_load_explicit(&family_header()->rank_bound, memory_order_acquire);
    return (struct page_bounds){ data, objects > data ? objects : data };
}

/** This page, or the next one that has an entry; the number of pages if there is none. */
static inline uint32_t page_from(const struct page_bounds *bounds, uint32_t page)
{
    return page >= bounds->data && page < bounds->objects ? bounds->objects : page;
}

#endif
