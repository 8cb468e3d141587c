/* Blocks as onlookers see them: which there are, and what a look at an object says. Whatever is looked at is changed,
 * destroyed and made anew by others meanwhile; a look takes no lock, and what it says was true of one object. */
#ifndef MPROC_MEMORY_BLOCK_LOOK_H
#define MPROC_MEMORY_BLOCK_LOOK_H

#include "family/family_layout.h"
#include "memory/block.h"

/** Where a walk through all blocks has come to. All zero: at the beginning. */
struct block_walk {
    uint32_t rank, index;
};

/** An object that has a name. */
struct block_sight {
    enum family_type type;
    uint64_t second; /**< half of its handle */
    struct family_block *block;
};

/** Goes on to the next object with a name. steps: how many pages and blocks may be looked at, less those that were.
 * False: there are no more steps, or the walk has come to its end and will begin anew. */
bool mproc__block_walk(struct block_walk *walk, unsigned *steps, struct block_sight *ret_sight);

/** What an object says about itself. Each type has what it has, the rest is zero. */
struct object_sight {
    thread_slot holder;
    bool abandoned; /**< its holder died with it, and nobody has taken it since */
    uint64_t depth;
    uint64_t limit;
    uint64_t passed; /**< messages or bytes that went through, modulo 2^32 */
};

/** Looks at the object with this second half of a handle. What it writes counts only if the object is still there
 * afterwards. */
typedef void object_look(const struct family_block *block, struct object_sight *ret_sight);

/** The whole of a look: false if it is no longer that object. */
static inline bool object_look_at(object_look *look, struct family_block *block, uint64_t second,
                                  struct object_sight *ret_sight)
{
    *ret_sight = (struct object_sight){ .holder = 0 };
    look(block, ret_sight);
    /* Acquire: what was read comes before the look at the block's state, as in L5. */
    atomic_thread_fence(memory_order_acquire);
    return block_is_published(block, second);
}

#endif
