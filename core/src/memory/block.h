/* Blocks: the places of objects, in pages that hold one type each and keep it for ever (type-stable), so that a check
 * that races with a destroy reads an object of the same type, never garbage. How many pages may come to that is
 * limited, for all types together, and for each so that something is left for the others.
 *
 * A block is FREE, CLAIMED by a thread that lives, or PUBLISHED; a thread that dies in between leaves a claimed block,
 * which the next allocation that finds it takes back. No lock is needed anywhere in here.
 */
#ifndef MPROC_MEMORY_BLOCK_H
#define MPROC_MEMORY_BLOCK_H

#include "family/family_layout.h"
#include "family/view.h"
#include <string.h>

/* A block, by where it is. */
struct block_place {
    uint32_t page;
    uint32_t index;
    struct family_block *block;
};

/** First half of the handle whose second half is generation << 32 | unit. The multiplication by an odd number maps
 * different second halves to different first ones, so a handle that is damaged in either half, or is of another
 * type or family, never matches: what matches was issued by this family, for an object of this type at this place. It
 * guards against accidents only; whoever can map the segment can also compute it. */
static inline uint64_t block_check(enum family_type type, uint64_t second)
{
    return mproc__family.secret[type] ^ second * 0x9e3779b97f4a7c15ull;
}

/** Whether the object of the handle still lives in the block. Acquire: pairs with the release in
 * mproc__object_publish, so that what the creator wrote is there. */
static inline bool block_is_published(struct family_block *block, uint64_t second)
{
    return atomic_load_explicit(&block->state, memory_order_acquire) ==
           family_word((uint32_t)(second >> 32), STATE_PUBLISHED, 0);
}

/** The block of a handle if all is as usual; NULL sends the caller to mproc__object_find for the reason. In a copy that
 * the program's own fork made the mappings are missing, and a look at them would end the process: asking first costs a
 * nanosecond. */
static inline struct family_block *block_find(enum family_type type, const uint64_t id[2])
{
    uint32_t unit = (uint32_t)id[1];
    if (unit >= atomic_load_explicit(&mproc__family.unit_limit, memory_order_acquire) ||
        id[0] != block_check(type, id[1]) || platform_is_copy())
        return NULL;
    /* Acquire pairs with the CAS that published the mapping; on the machines we know a plain load. */
    unsigned char *window =
        atomic_load_explicit(&mproc__windows[unit / FAMILY_WINDOW_UNITS].address, memory_order_acquire);
    if (window == NULL)
        return NULL;
    struct family_block *block = (struct family_block *)(window + (size_t)(unit % FAMILY_WINDOW_UNITS) * FAMILY_UNIT);
    return block_is_published(block, id[1]) ? block : NULL;
}

/** The object's name, for messages and for whoever looks on; cut to fit, "" for NULL. Relaxed: names nothing else. */
static inline void block_name_set(struct family_block *block, const char *name)
{
    uint64_t words[FAMILY_NAME_MAX / 8] = { 0 };
    const char *end = name ? memchr(name, 0, FAMILY_NAME_MAX - 1) : NULL;
    if (name != NULL)
        memcpy(words, name, end ? (size_t)(end - name) : FAMILY_NAME_MAX - 1);
    for (unsigned i = 0; i < FAMILY_NAME_MAX / 8; i++)
        atomic_store_explicit(&block->name[i], words[i], memory_order_relaxed);
}

static inline void block_name_get(struct family_block *block, char ret_name[FAMILY_NAME_MAX])
{
    for (unsigned i = 0; i < FAMILY_NAME_MAX / 8; i++) {
        uint64_t word = atomic_load_explicit(&block->name[i], memory_order_relaxed);
        memcpy(ret_name + 8 * i, &word, sizeof word);
    }
}

/** Of whoever has taken what the object is there for: whether he slept before. Relaxed: a number for onlookers. */
static inline void block_note_contended(struct family_block *block, bool slept)
{
    if (slept)
        atomic_fetch_add_explicit(&block->contended, 1, memory_order_relaxed);
}

/** The size of a type's blocks; 0: no object of the type was made yet. */
uint32_t mproc__block_size(enum family_type type);

/** The place of a handle that has passed its check. It cannot be wrong but by memory gone bad or by design, so the
 * checks that keep us inside a page of the type cost only the rare calls that come here. Errors: MPROC_E_FOREIGN, and
 * as mproc__family_address. */
int mproc__block_place(enum family_type type, uint64_t second, struct block_place *ret_place);

/** Claims a free block of the type for the thread of the slot. Returns 1, 0 if there is none in the type's pages, or an
 * error. */
int mproc__block_claim(enum family_type type, thread_slot thread, struct block_place *ret_place,
                       uint32_t *ret_generation);

/** What objects of a type are called in messages. */
extern const char *const mproc__block_kinds[];

/** How many pages a type has, and all types together; about. */
void mproc__block_pages(enum family_type type, uint32_t *ret_own, uint32_t *ret_all);

/** One more page for a type. Returns 0, PAGES_NONE, BLOCKS_NONE if the type may have no more, or an error. A death in
 * here leaves the page claimed. */
#define BLOCKS_NONE 2
int mproc__block_add_page(enum family_type type, thread_slot thread);

/** From any state known to be over to free, with a new generation. Returns whether it was us. */
bool mproc__block_free(enum family_type type, const struct block_place *place, uint64_t state);

/** Gives back the blocks of a page that dead threads had claimed, or retired. Returns how many. */
size_t mproc__blocks_sweep(uint32_t page, enum family_type type);

/** Whether the object with this second half of a handle is alive: published, or being made by somebody who lives. */
bool mproc__block_is_alive(uint64_t second);

#endif
