/* The limit of the family's memory, and what is in it. */
#include "memory/usage.h"
#include "base/error.h"
#include "base/options.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/page.h"
#include "memory/sweep.h"
#include <mproc/memory.h>

int mproc_set_memory_limit(uint64_t bytes)
{
    return mproc__family_set_limit(bytes);
}

int mproc_set_object_limit(uint64_t bytes)
{
    return mproc__family_set_object_limit(bytes);
}

struct census {
    uint64_t used_pages, data_pages, spare_pages;
    bool in_data; /* the tails that come next are of a span that is there */
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

/* A page that is neither free nor published is somebody's who is at work, who gives memory back for instance, or waits
 * for a sweep; and so are the tails behind it. */
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
        census->in_data = false;
        break;
    case STATE_PUBLISHED:
        census->in_data = type == FAMILY_SPAN;
        if (type == FAMILY_SPAN)
            census->data_pages++;
        else if (count_objects && type < FAMILY_TYPES)
            census->objects[type] += published_blocks(page, type);
        break;
    case STATE_TAIL:
        census->data_pages += census->in_data;
        break;
    }
    census->used_pages++;
}

static struct census take_census(bool count_objects)
{
    struct census census = { 0 };
    struct page_bounds bounds = page_bounds();
    for (uint32_t page = page_from(&bounds, 0); page < mproc__family.pages; page = page_from(&bounds, page + 1))
        count_page(&census, page, count_objects);
    return census;
}

static uint64_t committed(enum family_area area)
{
    return atomic_load_explicit(&family_header()->committed[area], memory_order_relaxed);
}

/* What the tables take by now. The directory grows from both ends, which may have passed each other. */
static uint64_t table_bytes(void)
{
    uint64_t directory = committed(AREA_DIRECTORY) + committed(AREA_DIRECTORY_END);
    uint64_t most = mproc__family_directory_size();
    return FAMILY_PAGE_SIZE + committed(AREA_PROCESSES) + committed(AREA_THREADS) +
           (directory < most ? directory : most);
}

static uint64_t pages_in_bytes(uint64_t pages)
{
    return pages * FAMILY_PAGE_SIZE;
}

int mproc__memory_none_in_one_piece(uint32_t pages)
{
    struct census census = take_census(false);
    return mproc__error(
        MPROC_E_LIMIT,
        "%llu bytes asked for in one piece; the memory of the family is limited to %zu, of which %zu are "
        "for its tables, %llu in use by data and %llu by objects",
        (unsigned long long)pages_in_bytes(pages), mproc__family.limit, mproc__family.fixed_size,
        (unsigned long long)pages_in_bytes(census.data_pages),
        (unsigned long long)pages_in_bytes(census.used_pages - census.data_pages));
}

int mproc__memory_no_more_objects(enum family_type type)
{
    uint32_t own, all;
    mproc__block_pages(type, &own, &all);
    return mproc__error(
        MPROC_E_LIMIT,
        "one more %s; objects are limited to %llu bytes, of which %llu are taken, %llu by objects of this "
        "kind, which get no more than they leave",
        mproc__block_kinds[type], (unsigned long long)pages_in_bytes(family_header()->object_pages_max),
        (unsigned long long)pages_in_bytes(all), (unsigned long long)pages_in_bytes(own));
}

_Static_assert(STRUCT_ENDS_WITH(mproc_memory_usage, pools), "it can grow");

int mproc_get_memory_usage_(mproc_memory_usage *ret_usage, size_t usage_size)
{
    if (ret_usage == NULL)
        return mproc__error_null("ret_usage");
    int code = mproc__family_open();
    if (code < 0)
        return code;
    mproc__memory_sweep();
    struct census census = take_census(true);
    const mproc_memory_usage usage = {
        .limit = mproc__family.limit,
        .room = pages_in_bytes(mproc__family.pages),
        .object_limit = pages_in_bytes(family_header()->object_pages_max),
        .used = table_bytes() + pages_in_bytes(census.used_pages),
        .tables = table_bytes(),
        .objects = pages_in_bytes(census.used_pages - census.data_pages),
        .data = pages_in_bytes(census.data_pages),
        .spare = pages_in_bytes(census.spare_pages),
        .locks = census.objects[FAMILY_LOCK],
        .rlocks = census.objects[FAMILY_RLOCK],
        .semaphores = census.objects[FAMILY_SEMAPHORE] + census.objects[FAMILY_SEMAPHORE_OWNED],
        .conditions = census.objects[FAMILY_CONDITION],
        .events = census.objects[FAMILY_EVENT],
        .barriers = census.objects[FAMILY_BARRIER],
        .queues = census.objects[FAMILY_QUEUE],
        .pipes = census.objects[FAMILY_PIPE],
        .arrays = census.objects[FAMILY_ARRAY],
        .pools = census.objects[FAMILY_POOL],
    };
    mproc__struct_give(ret_usage, usage_size, &usage, sizeof usage);
    return 0;
}
