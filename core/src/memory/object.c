/* Shared objects; see object.h. */
#include "memory/object.h"
#include "base/error.h"
#include "base/ready.h"
#include "family/family.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "memory/block.h"
#include "memory/memory.h"
#include <string.h>

/* Fixes the size of a type's blocks by its first object. */
static int fix_size(enum family_type type, size_t size)
{
    if (type <= FAMILY_FREE || type >= FAMILY_TYPES || size > FAMILY_OBJECT_MAX)
        return mproc__error(MPROC_E_INTERNAL, "an object of type %d with %zu bytes", (int)type, size);
    uint32_t wanted = (uint32_t)(sizeof(struct family_block) + (size + FAMILY_UNIT - 1) / FAMILY_UNIT * FAMILY_UNIT);
    uint32_t known = 0;
    /* Relaxed: the number is all there is to it. */
    if (!atomic_compare_exchange_strong_explicit(&family_header()->block_size[type], &known, wanted,
                                                 memory_order_relaxed, memory_order_relaxed) &&
        known != wanted)
        return mproc__error(MPROC_E_INTERNAL, "objects of type %d have blocks of %u bytes, not %u", (int)type, known,
                            wanted);
    return 0;
}

/* Sets the object's words to 0 and leaves alone what belongs to the block: keys, and counts of sleepers of the object
 * before, who take themselves out of them whenever they come to it. */
static void reset_word(platform_word *word)
{
    if (word->key == 0)
        word->key = mproc__family_new_key();
    /* Release: an owner of a stale handle who takes this word for his object's and takes it sees, by the acquire
     * in his CAS, that the block has changed hands, and gives it up again. */
    atomic_store_explicit(&word->value, 0, memory_order_release);
}

int mproc__object_create(enum family_type type, size_t size, uint64_t ret_id[2], void **ret_object)
{
    return mproc__object_create_words(type, 0, size, ret_id, ret_object);
}

int mproc__object_create_words(enum family_type type, unsigned words, size_t size, uint64_t ret_id[2],
                               void **ret_object)
{
    int code = mproc__family_open();
    if (code == 0)
        code = fix_size(type, size);
    if (code < 0)
        return code;
    thread_slot thread = mproc__thread_slot_self();
    if (thread == 0)
        return MPROC_E_LIMIT;
    struct block_place place = { 0, 0, NULL };
    uint32_t generation = 0;
    code = mproc__block_allocate(type, thread, &place, &generation);
    if (code != 0)
        return code;
    struct family_block *block = place.block;
    block_name_set(block, NULL);
    atomic_store_explicit(&block->contended, 0, memory_order_relaxed);
    platform_word *inner = (platform_word *)(block + 1);
    memset(inner + words, 0, mproc__block_size(type) - sizeof *block - words * sizeof *inner);
    reset_word(&block->word);
    for (unsigned i = 0; i < words; i++)
        reset_word(&inner[i]);
    size_t offset = family_page_offset(place.page) + (size_t)place.index * mproc__block_size(type);
    ret_id[1] = (uint64_t)generation << 32 | offset / FAMILY_UNIT;
    ret_id[0] = block_check(type, ret_id[1]);
    *ret_object = block + 1;
    return 0;
}

void mproc__object_publish(const uint64_t id[2])
{
    void *address;
    /* Mapped by create, so this cannot fail. */
    if (mproc__family_address((size_t)(uint32_t)id[1] * FAMILY_UNIT, &address) < 0)
        return;
    struct family_block *block = address;
    /* Release: who finds the object by block_is_published sees its content. Nobody else changes the state of a block
     * whose claimant lives. */
    atomic_store_explicit(&block->state, family_word((uint32_t)(id[1] >> 32), STATE_PUBLISHED, 0),
                          memory_order_release);
}

/* The place of a handle, with every reason why there may be none. */
static int find_place(enum family_type type, const uint64_t id[2], struct block_place *ret_place)
{
    if (platform_is_copy())
        return mproc__family_foreign_copy();
    if ((uint32_t)id[1] >= atomic_load_explicit(&mproc__family.unit_limit, memory_order_acquire) ||
        id[0] != block_check(type, id[1]))
        return mproc__error(MPROC_E_FOREIGN, "handle %016llx-%016llx was not issued by this family for this type",
                            (unsigned long long)id[0], (unsigned long long)id[1]);
    return mproc__block_place(type, id[1], ret_place);
}

int mproc__object_find(enum family_type type, const uint64_t id[2], void **ret_object)
{
    struct family_block *block = block_find(type, id);
    if (block == NULL) {
        struct block_place place;
        int code = find_place(type, id, &place);
        if (code < 0)
            return code;
        if (!block_is_published(place.block, id[1]))
            return mproc__error(MPROC_E_STALE, "handle %016llx", (unsigned long long)id[1]);
        block = place.block;
    }
    *ret_object = block + 1;
    return 0;
}

int mproc__object_destroy(enum family_type type, const uint64_t id[2])
{
    struct block_place place = { 0, 0, NULL };
    int code = find_place(type, id, &place);
    if (code < 0)
        return code;
    if (!mproc__block_free(type, &place, family_word((uint32_t)(id[1] >> 32), STATE_PUBLISHED, 0)))
        return mproc__error(MPROC_E_STALE, "handle %016llx", (unsigned long long)id[1]);
    return 0;
}

/* ---- Errors, and what only some objects want ---- */

int mproc__object_block(enum family_type type, const uint64_t id[2], struct family_block **ret_block)
{
    void *object = NULL;
    int code = mproc__object_find(type, id, &object);
    if (code == 0)
        *ret_block = (struct family_block *)object - 1;
    return code;
}

int mproc__object_new(enum family_type type, unsigned words, size_t size, const char *name, uint64_t ret_id[2],
                      void **ret_object)
{
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "making a %s", mproc__block_kinds[type]);
    int code = mproc__object_create_words(type, words, size, ret_id, ret_object);
    if (code == 0)
        block_name_set((struct family_block *)*ret_object - 1, name);
    return code;
}

int mproc__object_error(int code, enum family_type type, struct family_block *block, const char *what)
{
    char name[FAMILY_NAME_MAX];
    block_name_get(block, name);
    return mproc__error(code, "%s %s%s", mproc__block_kinds[type], name[0] ? name : "without a name", what);
}

int mproc__object_stale(enum family_type type, const uint64_t id[2])
{
    return mproc__error(MPROC_E_STALE, "%s handle %016llx", mproc__block_kinds[type], (unsigned long long)id[1]);
}
