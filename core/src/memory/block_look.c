/* Walking through the blocks of all types; see block_look.h. */
#include "memory/block_look.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/view.h"
#include "memory/block.h"

/* The type of a page of blocks, FAMILY_FREE of any other. Acquire: pairs with the release in mproc__block_add_page. */
static enum family_type type_of(uint32_t page)
{
    uint64_t state = atomic_load_explicit(&family_page(page)->state, memory_order_acquire);
    uint32_t tag = family_word_tag(state);
    bool blocks = family_word_state(state) == STATE_PUBLISHED && tag < FAMILY_SPAN;
    return blocks ? (enum family_type)tag : FAMILY_FREE;
}

static uint32_t blocks_in(enum family_type type)
{
    uint32_t size = type != FAMILY_FREE ? mproc__block_size(type) : 0;
    return size > 0 ? FAMILY_PAGE_SIZE / size : 0;
}

/* Whether there is an object with a name. A page of blocks is never given back: what is there may be looked at. */
static bool look(enum family_type type, uint32_t page, uint32_t index, struct block_sight *ret_sight)
{
    void *address;
    size_t offset = family_page_offset(page) + (size_t)index * mproc__block_size(type);
    if (mproc__family_address(offset, &address) < 0)
        return false;
    struct family_block *block = address;
    uint64_t state = atomic_load_explicit(&block->state, memory_order_acquire);
    if (family_word_state(state) != STATE_PUBLISHED || atomic_load_explicit(&block->name[0], memory_order_relaxed) == 0)
        return false;
    *ret_sight = (struct block_sight){ type, (uint64_t)family_word_tag(state) << 32 | offset / FAMILY_UNIT, block };
    return true;
}

static bool step(struct block_walk *walk, struct block_sight *ret_sight)
{
    uint32_t page = family_rank(walk->rank), index = walk->index++;
    enum family_type type = type_of(page);
    if (index < blocks_in(type))
        return look(type, page, index, ret_sight);
    *walk = (struct block_walk){ .rank = walk->rank + 1 };
    return false;
}

bool mproc__block_walk(struct block_walk *walk, unsigned *steps, struct block_sight *ret_sight)
{
    uint32_t bound = atomic_load_explicit(&family_header()->rank_bound, memory_order_acquire);
    while (walk->rank<bound && * steps> 0) {
        --*steps;
        if (step(walk, ret_sight))
            return true;
    }
    if (walk->rank >= bound)
        *walk = (struct block_walk){ .rank = 0 };
    return false;
}
