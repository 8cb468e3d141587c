/* Process slots and thread nodes.
 *
 * Slots and nodes are handed out in turn, not the last one freed first, so that an identity comes back as late as
 * possible. A node's id has 16 bits of generation: it repeats when one slot has been used 65535 times, which takes
 * about a thousand million threads in one family as long as the slots are taken in turn, and 65535 threads if all
 * other slots are in use. A lock still held by the first bearer of an id then seems held by the second one, until
 * that one ends too.
 */
#include "family/thread_slot.h"
#include "base/error.h"
#include "family/death.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/process_slot.h"
#include "family/view.h"

static uint64_t node_word(uint32_t process, uint32_t generation, enum family_node_state state)
{
    return (uint64_t)process << 32 | (uint64_t)generation << 16 | (uint64_t)state;
}

static uint32_t node_generation(uint64_t word)
{
    return (uint32_t)word >> 16;
}

static enum family_node_state node_state(uint64_t word)
{
    return (enum family_node_state)(word & 0xffff);
}

/* The record of a node id in its present life, or false. Ids come out of shared words: anything is possible. */
static bool node_find(node_id id, uint32_t *ret_process)
{
    uint32_t slot = id & NODE_SLOT_MASK;
    uint64_t committed = atomic_load_explicit(&family_header()->committed[AREA_NODES], memory_order_acquire);
    if (id == 0 || (slot + 1) * sizeof(struct family_node) > committed)
        return false;
    /* Acquire: pairs with the CAS of node_retire and slot_died, after which the dead owner's last writes are there. */
    uint64_t word = atomic_load_explicit(&family_node(slot)->word, memory_order_acquire);
    *ret_process = (uint32_t)(word >> 32);
    return node_generation(word) == id >> NODE_SLOT_BITS && node_state(word) == NODE_LIVE;
}

bool mproc__node_is_live(node_id node)
{
    uint32_t process;
    return node_find(node, &process) && mproc__process_is_live(process);
}

bool mproc__node_check(node_id node)
{
    uint32_t process;
    return node_find(node, &process) && mproc__process_check(process);
}

void mproc__node_ring(node_id node)
{
    uint32_t process;
    if (!node_find(node, &process))
        return;
    platform_word *bell = &family_node(node & NODE_SLOT_MASK)->bell;
    /* seq_cst, as platform_wake asks: after whatever the caller wants seen. */
    atomic_fetch_add(&bell->value, 1);
    platform_wake(bell, 1);
}

/* Takes a node for the calling thread if it is free, or its process is gone. Returns its id, or 0. */
static node_id node_take(uint32_t slot, bool ask_kernel)
{
    struct family_node *node = family_node(slot);
    uint64_t word = atomic_load(&node->word);
    if (node_state(word) != NODE_FREE) {
        uint32_t process = (uint32_t)(word >> 32);
        if (ask_kernel ? mproc__process_check(process) : mproc__process_is_live(process))
            return 0;
    }
    uint32_t generation = (node_generation(word) + 1) & NODE_GENERATION_MASK;
    if (generation == 0)
        generation = 1;
    if (!atomic_compare_exchange_strong(&node->word, &word, node_word(mproc__family.process, generation, NODE_LIVE)))
        return 0;
    if (node->bell.key == 0)
        node->bell.key = mproc__family_new_key();
    atomic_store_explicit(&node->holds, 0, memory_order_relaxed);
    atomic_store_explicit(&node->waits_on, 0, memory_order_relaxed);
    atomic_store_explicit(&node->thread, platform_thread_id(), memory_order_relaxed);
    return generation << NODE_SLOT_BITS | slot;
}

static node_id node_reserve(void)
{
    uint32_t slots = FAMILY_NODES - 1;
    for (uint32_t tries = 0; tries < 2 * slots; tries++) {
        uint32_t slot = 1 + atomic_fetch_add_explicit(&family_header()->node_cursor, 1, memory_order_relaxed) % slots;
        slot %= mproc__family_records(AREA_NODES, slot + 1);
        node_id id = slot ? node_take(slot, tries >= slots) : 0;
        if (id != 0)
            return id;
    }
    mproc__error(MPROC_E_LIMIT, "all %u thread nodes of the family are in use", slots);
    return 0;
}

node_id mproc__node_self(void)
{
    if (mproc__self.id != 0)
        return mproc__self.id;
    if (!family_is_ours()) {
        mproc__family_absent();
        return 0;
    }
    node_id id = node_reserve();
    if (id == 0)
        return 0;
    mproc__self = (struct family_self){ id, family_node(id & NODE_SLOT_MASK) };
    platform_thread_exit_arm();
    return id;
}

/* The end of a thread that has a node. In a copy made by the program's own fork the node is the original's, and its
 * memory is not mapped. */
void mproc__node_retire(void)
{
    if (mproc__self.id == 0 || platform_is_copy())
        return;
    struct family_node *node = mproc__self.node;
    bool held = atomic_load_explicit(&node->holds, memory_order_relaxed) > 0;
    uint32_t generation = mproc__self.id >> NODE_SLOT_BITS;
    uint64_t live = node_word(mproc__family.process, generation, NODE_LIVE);
    mproc__self = (struct family_self){ 0, NULL };
    /* Marked first, announced second, as for processes. It is no longer ours if somebody took this process for dead. */
    atomic_compare_exchange_strong(&node->word, &live, node_word(0, generation, NODE_FREE));
    if (held)
        mproc__family_announce_death();
}
