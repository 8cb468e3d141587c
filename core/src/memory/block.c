/* Blocks of objects; see block.h. */
#include "memory/block.h"
#include "base/error.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/page.h"

#define TYPE_NAME(type, name) [type] = name,
const char *const mproc__block_kinds[FAMILY_TYPES] = { FAMILY_TYPE_LIST(TYPE_NAME) };

static bool page_is_of(uint32_t page, enum family_type type)
{
    /* Acquire: pairs with the release in mproc__block_add_page; the page's memory is committed. */
    return atomic_load_explicit(&family_page(page)->state, memory_order_acquire) ==
           family_word(type, STATE_PUBLISHED, 0);
}

uint32_t mproc__block_size(enum family_type type)
{
    return atomic_load_explicit(&family_header()->block_size[type], memory_order_relaxed);
}

static int place_at(enum family_type type, uint32_t page, uint32_t index, struct block_place *ret_place)
{
    void *address;
    int code = mproc__family_address(family_page_offset(page) + (size_t)index * mproc__block_size(type), &address);
    if (code == 0)
        *ret_place = (struct block_place){ page, index, address };
    return code;
}

/* Which block of a page of the type begins at this place; -1 if none does. */
static int block_index(enum family_type type, size_t offset)
{
    uint32_t within = (uint32_t)(offset % FAMILY_PAGE_SIZE), size = mproc__block_size(type);
    return size > 0 && within % size == 0 && within + size <= FAMILY_PAGE_SIZE ? (int)(within / size) : -1;
}

/* The page that a place is in, if it was ever used for blocks: only so far there is a directory. */
static bool page_of(size_t offset, uint32_t *ret_page)
{
    if (offset < mproc__family.fixed_size || offset >= mproc__family.limit)
        return false;
    *ret_page = (uint32_t)((offset - mproc__family.fixed_size) / FAMILY_PAGE_SIZE);
    return family_rank(*ret_page) < atomic_load_explicit(&family_header()->rank_bound, memory_order_acquire);
}

int mproc__block_place(enum family_type type, uint64_t second, struct block_place *ret_place)
{
    size_t offset = (size_t)(uint32_t)second * FAMILY_UNIT;
    uint32_t page;
    int index = page_of(offset, &page) && page_is_of(page, type) ? block_index(type, offset) : -1;
    if (index >= 0)
        return place_at(type, page, (uint32_t)index, ret_place);
    return mproc__error(MPROC_E_FOREIGN, "handle %016llx names no place for an object", (unsigned long long)second);
}

/* Makes a block findable that has become free. Killed between the two, or before them, its owner leaves a free block
 * without its bit: only the sweep finds that one. */
static void block_offer(enum family_type type, const struct block_place *place)
{
    atomic_fetch_or(&family_page(place->page)->free, (uint64_t)1 << place->index);
    mproc__hint_lower(type, family_rank(place->page));
}

bool mproc__block_free(enum family_type type, const struct block_place *place, uint64_t state)
{
    /* After 2^32 lives of a block its generations repeat, and a handle that old would pass as new. */
    uint64_t freed = family_word(family_word_tag(state) + 1, STATE_FREE, 0);
    if (!atomic_compare_exchange_strong(&place->block->state, &state, freed))
        return false;
    block_offer(type, place);
    return true;
}

/* Takes a block whose bit says free, if that is so: free, or claimed by somebody who died. */
static bool claim(const struct block_place *place, thread_slot thread, uint32_t *ret_generation)
{
    _Atomic uint64_t *bits = &family_page(place->page)->free;
    uint64_t bit = (uint64_t)1 << place->index;
    uint64_t state = atomic_load(&place->block->state);
    bool orphan = family_word_state(state) == STATE_CLAIMED && !mproc__thread_slot_is_live(family_word_thread(state));
    uint32_t generation = family_word_tag(state) + orphan;
    if ((family_word_state(state) == STATE_FREE || orphan) &&
        atomic_compare_exchange_strong(&place->block->state, &state, family_word(generation, STATE_CLAIMED, thread))) {
        atomic_fetch_and(bits, ~bit);
        *ret_generation = generation;
        return true;
    }
    /* A bit left behind, or a race lost. The block may become free between our look and our clearing of the bit, so
     * look again. All four operations, ours and those of mproc__block_free, are seq_cst: either we see the block free,
     * or its owner's setting of the bit comes after our clearing. */
    atomic_fetch_and(bits, ~bit);
    if (family_word_state(atomic_load(&place->block->state)) == STATE_FREE)
        atomic_fetch_or(bits, bit);
    return false;
}

/* Looks for a free block in one page. Returns 1 with the block claimed, 0, or an error. */
static int page_search(enum family_type type, uint32_t page, thread_slot thread, struct block_place *ret_place,
                       uint32_t *ret_generation)
{
    uint64_t bits = atomic_load(&family_page(page)->free);
    for (uint32_t index = 0; bits >> index != 0; index++) {
        if (!(bits >> index & 1))
            continue;
        int code = place_at(type, page, index, ret_place);
        if (code < 0)
            return code;
        if (claim(ret_place, thread, ret_generation))
            return 1;
        if (index == 63)
            break;
    }
    return 0;
}

int mproc__block_claim(enum family_type type, thread_slot thread, struct block_place *ret_place,
                       uint32_t *ret_generation)
{
    struct family_header *header = family_header();
    uint64_t hint = atomic_load(&header->hint[type]);
    uint32_t bound = atomic_load(&header->rank_bound);
    for (uint32_t rank = (uint32_t)hint; rank < bound; rank++) {
        uint32_t page = family_rank(rank);
        if (!page_is_of(page, type))
            continue;
        int code = page_search(type, page, thread, ret_place, ret_generation);
        if (code > 0)
            mproc__hint_raise(type, hint, rank);
        if (code != 0)
            return code;
    }
    mproc__hint_raise(type, hint, bound);
    return 0;
}

/* Relaxed, as everywhere: these counts bound what a type may take, and decide about nothing else. */
void mproc__block_pages(enum family_type type, uint32_t *ret_own, uint32_t *ret_all)
{
    *ret_all = 0;
    for (unsigned i = 0; i < FAMILY_TYPES; i++)
        *ret_all += atomic_load_explicit(&family_header()->block_pages[i], memory_order_relaxed);
    *ret_own = atomic_load_explicit(&family_header()->block_pages[type], memory_order_relaxed);
}

/* A type gets no page once it has as many as are left for all: so the first has half of them at most, the second half
 * of the rest, and as long as any is left a type that has none gets one. */
static bool may_have_more(enum family_type type)
{
    uint32_t own, all, most = family_header()->object_pages_max;
    mproc__block_pages(type, &own, &all);
    return all < most && own < most - all;
}

int mproc__block_add_page(enum family_type type, thread_slot thread)
{
    struct page_run run;
    if (!may_have_more(type))
        return BLOCKS_NONE;
    int code = mproc__page_claim_last(thread, &run);
    if (code != 0)
        return code;
    atomic_fetch_add_explicit(&family_header()->block_pages[type], 1, memory_order_relaxed);
    struct family_page *entry = family_page(run.first);
    unsigned blocks = FAMILY_PAGE_SIZE / mproc__block_size(type);
    atomic_store(&entry->free, UINT64_MAX >> (64 - blocks));
    atomic_store(&entry->state, family_word(type, STATE_PUBLISHED, 0));
    mproc__hint_lower(type, family_rank(run.first));
    return 0;
}

/* ---- Sweeping ---- */

static bool block_sweep(enum family_type type, const struct block_place *place)
{
    uint64_t state = atomic_load(&place->block->state);
    switch (family_word_state(state)) {
    case STATE_CLAIMED:
        return !mproc__thread_slot_is_live(family_word_thread(state)) && mproc__block_free(type, place, state);
    case STATE_PUBLISHED:
        /* Whoever retired it may be alive and about to do the same: the one whose CAS succeeds did it. */
        return atomic_load(&place->block->word.value) == FAMILY_RETIRED && mproc__block_free(type, place, state);
    default:
        /* Free without its bit. If its owner lives it is about to set the bit itself. A bit that we set on a block
         * claimed in this moment costs the next search one look. */
        if (atomic_load(&family_page(place->page)->free) >> place->index & 1)
            return false;
        block_offer(type, place);
        return true;
    }
}

size_t mproc__blocks_sweep(uint32_t page, enum family_type type)
{
    unsigned blocks = FAMILY_PAGE_SIZE / mproc__block_size(type);
    size_t swept = 0;
    for (unsigned index = 0; index < blocks; index++) {
        struct block_place place;
        if (place_at(type, page, index, &place) == 0)
            swept += block_sweep(type, &place);
    }
    /* Who died between setting a bit and lowering the hint has left the bit where nobody looks. */
    if (atomic_load(&family_page(page)->free) != 0)
        mproc__hint_lower(type, family_rank(page));
    return swept;
}

bool mproc__block_is_alive(uint64_t second)
{
    size_t offset = (size_t)(uint32_t)second * FAMILY_UNIT;
    uint32_t page;
    if (!page_of(offset, &page))
        return false;
    uint64_t state = atomic_load(&family_page(page)->state);
    enum family_type type = (enum family_type)family_word_tag(state);
    int index = family_word_state(state) == STATE_PUBLISHED && type != FAMILY_SPAN ? block_index(type, offset) : -1;
    struct block_place place;
    if (index < 0)
        return false;
    /* It cannot be looked at: not to know is no reason to take anything away. */
    if (place_at(type, page, (uint32_t)index, &place) < 0)
        return true;
    state = atomic_load(&place.block->state);
    return family_word_tag(state) == (uint32_t)(second >> 32) &&
           (family_word_state(state) == STATE_PUBLISHED ||
            (family_word_state(state) == STATE_CLAIMED && mproc__thread_slot_is_live(family_word_thread(state))));
}
