/* Pages of the family segment: runs of them, from free to claimed and back.
 *
 * A run is claimed from its head on: the head by the claimant's node, then each further page as a tail of this head and
 * of a generation that no other run has. A tail is worth what its head says: it is over, and anybody's to take
 * back, once the head is neither claimed by somebody who lives nor the head of a span of that generation. So a death
 * leaves nothing that cannot be told, and no word of it can be taken for a newer one's. tests/models/span.pml is this
 * protocol for an exhaustive checker.
 *
 * Runs of up to a chunk (256 pages) do not cross a chunk's boundary, longer ones begin at one: either lies in one piece
 * in memory.
 *
 * Memory is given back to the system when a run becomes free, but for some that is kept for the next one; what is used
 * again is zeroed first.
 */
#ifndef MPROC_MEMORY_PAGE_H
#define MPROC_MEMORY_PAGE_H

#include "family/family_layout.h"

struct page_run {
    uint32_t first, count;
    uint32_t generation;
    uint32_t head_memory; /**< what was known of the first page's memory: PAGE_BACKED, PAGE_DIRTY */
    unsigned char *address;
};

/** Claims a run for the calling thread, backed with memory and mapped.
 * zeroed: else there may be anything in it.
 * Returns 0, or PAGES_NONE, without a message, if there is no such run.
 * Errors: MPROC_E_LIMIT if there is no memory for it; MPROC_E_NO_MEMORY, MPROC_E_OS. */
#define PAGES_NONE 1
int mproc__pages_claim(uint32_t count, node_id node, bool zeroed, struct page_run *ret_run);

/** Makes a claimed run free: first and count of it are looked at. */
void mproc__pages_free(const struct page_run *run);

/** The address of a run that somebody has claimed or linked; mapped if need be. */
int mproc__pages_address(uint32_t first, uint32_t count, void **ret_address);

/** Takes back a page in this state, claimed or tail, if it is a dead process's. Returns whether it was us. */
bool mproc__page_sweep(uint32_t page, uint64_t state, node_id node);

/** A hint says: below this page there is nothing free of the kind (a type, or FAMILY_FREE for pages). Giving
 * something back lowers it, and changes its version even if there is nothing to lower: an allocation that has passed
 * the page before and wants to raise the hint above it then fails to, for the version is no longer the one it began
 * with. */
void mproc__hint_lower(unsigned kind, uint32_t page);
void mproc__hint_raise(unsigned kind, uint64_t known, uint32_t page);

#endif
