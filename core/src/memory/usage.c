/* The limit of the family's memory, and what is in it. */
#include "memory/usage.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/view.h"
#include "memory/sweep.h"
#include <mproc/memory.h>

int mproc_set_memory_limit(uint64_t bytes)
{
    return mproc__family_set_limit(bytes);
}

struct census {
    uint64_t used_pages, data_pages, spare_pages;
    uint32_t objects[FAMILY_TYPES];
};

static uint32_t published_blocks(uint32_t page, enum family_type type)
{
    uint32_t size = atomic_load_explicit(&family_header()->block_size[type], memory_order_relaxed), count = 0;
    void *address;
    if (size == 0 || mproc__family_address(family_page_offset(page), &address) < 0)
        return 0;
    for (uint32_t at = 0; at + size <= FAMILY_PAGE_SIZE; at += size) {
        struct family_block *block = (struct family_block *)((char *)address + at);
        count += family_word_state(atomic_load_explicit(&block->state, memory_order_relaxed)) == STATE_PUBLISHED;
    }
    return count;
}

/* A page that is neither free nor linked is somebody's who is at work, or waits for a sweep. */
static void count_page(struct census *census, uint32_t page, bool count_objects)
{
    /* Acquire: pairs with the link of a page of blocks; its memory is backed. */
    uint64_t state = atomic_load_explicit(&family_page(page)->state, memory_order_acquire);
    enum family_type type = (enum family_type)family_word_tag(state);
    switch (family_word_state(state)) {
    case STATE_FREE:
        census->spare_pages += (family_word_tag(state) & PAGE_BACKED) != 0;
        return;
    case STATE_CLAIMED:
        break;
    case STATE_PUBLISHED:
        if (type == FAMILY_SPAN)
            census->data_pages++;
        else if (count_objects && type < FAMILY_TYPES)
            census->objects[type] += published_blocks(page, type);
        break;
    case STATE_TAIL:
        census->data_pages++;
        break;
    }
    census->used_pages++;
}

static struct census take_census(bool count_objects)
{
    struct census census = { 0 };
    uint32_t bound = atomic_load_explicit(&family_header()->page_bound, memory_order_acquire);
    for (uint32_t page = 0; page < bound; page++)
        count_page(&census, page, count_objects);
    return census;
}

static uint64_t used_bytes(const struct census *census)
{
    uint64_t used = FAMILY_PAGE_SIZE + census->used_pages * FAMILY_PAGE_SIZE;
    for (int area = 0; area < AREA_COUNT; area++)
        used += atomic_load_explicit(&family_header()->committed[area], memory_order_relaxed);
    return used;
}

void mproc__memory_usage(uint64_t *ret_used, uint64_t *ret_limit)
{
    struct census census = take_census(false);
    *ret_used = used_bytes(&census);
    *ret_limit = mproc__family.limit;
}

int mproc_get_memory_usage(mproc_memory_usage *ret_usage)
{
    int code = mproc__family_open();
    if (code < 0)
        return code;
    mproc__memory_sweep();
    struct census census = take_census(true);
    *ret_usage = (mproc_memory_usage){
        .limit = mproc__family.limit,
        .used = used_bytes(&census),
        .data = census.data_pages * FAMILY_PAGE_SIZE,
        .spare = census.spare_pages * FAMILY_PAGE_SIZE,
        .locks = census.objects[FAMILY_LOCK],
        .rlocks = census.objects[FAMILY_RLOCK],
        .semaphores = census.objects[FAMILY_SEMAPHORE],
        .conditions = census.objects[FAMILY_CONDITION],
        .events = census.objects[FAMILY_EVENT],
        .barriers = census.objects[FAMILY_BARRIER],
        .queues = census.objects[FAMILY_QUEUE],
        .pipes = census.objects[FAMILY_PIPE],
        .arrays = census.objects[FAMILY_ARRAY],
        .pools = census.objects[FAMILY_POOL],
    };
    return 0;
}
