/* Allocation; see memory.h. */
#include "memory/memory.h"
#include "base/error.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/page.h"
#include "memory/span.h"
#include "memory/sweep.h"
#include "memory/usage.h"

static int no_block(enum family_type type, int code)
{
    return code == BLOCKS_NONE  ? mproc__memory_no_more_objects(type)
           : code == PAGES_NONE ? mproc__memory_none_in_one_piece(1)
                                : code;
}

int mproc__block_allocate(enum family_type type, thread_slot thread, struct block_place *ret_place,
                          uint32_t *ret_generation)
{
    bool full = false;
    for (;;) {
        int code = mproc__block_claim(type, thread, ret_place, ret_generation);
        if (code < 0)
            return code;
        if (code > 0)
            return 0;
        if (mproc__memory_sweep_after_death() > 0)
            continue;
        code = mproc__block_add_page(type, thread);
        if (code == 0)
            continue;
        /* Once more after a sweep: what a living process gave back without our seeing it counts too. */
        if (full || mproc__memory_sweep() == 0)
            return no_block(type, code);
        full = true;
    }
}

static int check_size(size_t size)
{
    if (size == 0)
        return mproc__error(MPROC_E_INVALID, "memory of no bytes");
    if (size > mproc__family.limit - mproc__family.fixed_size)
        return mproc__error(MPROC_E_LIMIT, "%zu bytes asked for; the memory of the family is limited to %zu", size,
                            mproc__family.limit);
    return 0;
}

static int span_make(size_t size, uint64_t owner, bool zeroed, uint64_t *ret_span)
{
    int code = mproc__family_open();
    if (code == 0)
        code = check_size(size);
    if (code < 0)
        return code;
    thread_slot thread = mproc__thread_slot_self();
    if (thread == 0 || owner == 0)
        return MPROC_E_LIMIT;
    uint32_t count = (uint32_t)((size + FAMILY_PAGE_SIZE - 1) / FAMILY_PAGE_SIZE);
    struct page_run run;
    mproc__memory_sweep_after_death();
    code = mproc__pages_claim(count, thread, zeroed, &run);
    /* Somebody may have destroyed the owner of a span and died, or lost track of a death. */
    if ((code == PAGES_NONE || code == MPROC_E_LIMIT) && mproc__memory_sweep() > 0)
        code = mproc__pages_claim(count, thread, zeroed, &run);
    if (code != 0)
        return code == PAGES_NONE ? mproc__memory_none_in_one_piece(count) : code;
    *ret_span = mproc__span_publish(&run, owner);
    return 0;
}

int mproc__span_create(size_t size, uint64_t owner, uint64_t *ret_span)
{
    return span_make(size, owner, true, ret_span);
}

int mproc__span_create_dirty(size_t size, uint64_t owner, uint64_t *ret_span)
{
    return span_make(size, owner, false, ret_span);
}
