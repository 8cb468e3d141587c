/* Process slots and thread nodes.
 *
 * Slots and nodes are handed out in turn, not the last one freed first, so that an identity comes back as late as
 * possible. A node's id has 16 bits of generation: it repeats when one slot has been used 65535 times, which takes
 * about a thousand million threads in one family as long as the slots are taken in turn, and 65535 threads if all
 * other slots are in use. A lock still held by the first bearer of an id then seems held by the second one, until
 * that one ends too.
 */
#include "family/node.h"
#include "base/error.h"
#include "family/family_layout.h"

/* What the kernel said about a process is taken for true for so long: a hundred waiters on one lock ask it no more
 * often than one. Together with a waiter's slice it stays below the 50 ms in which a death must be noticed. */
#define CHECK_NS (10 * (int64_t)1000000)

_Thread_local struct family_self mproc__self;

/* ---- Processes ---- */

static uint64_t process_word(uint32_t parent, uint32_t generation, enum family_process_state state)
{
    return (uint64_t)parent << 32 | (uint64_t)generation << PROCESS_INDEX_BITS | (uint64_t)state;
}

static enum family_process_state process_state(uint64_t word)
{
    return (enum family_process_state)(word & PROCESS_INDEX_MASK);
}

static uint32_t process_generation(uint64_t word)
{
    return (uint32_t)word >> PROCESS_INDEX_BITS;
}

/* Whether the slot still is in this state in the life that the incarnation names. Acquire pairs with the CAS
 * that made it live: pid and start time are there. seq_cst where it matters is up to the caller's own operations. */
static bool process_is(uint32_t incarnation, enum family_process_state state)
{
    uint64_t word = atomic_load_explicit(&family_process(incarnation)->word, memory_order_acquire);
    return process_generation(word) == incarnation >> PROCESS_INDEX_BITS && process_state(word) == state;
}

/* Ends the life that the incarnation names, if it has not ended yet. Returns whether it was us. */
static bool process_end(uint32_t incarnation)
{
    struct family_process *process = family_process(incarnation);
    uint32_t generation = incarnation >> PROCESS_INDEX_BITS;
    uint64_t word = atomic_load(&process->word);
    /* A loop, because the process itself may go from reserved to live meanwhile. */
    while (process_generation(word) == generation && process_state(word) != PROCESS_FREE)
        if (atomic_compare_exchange_weak(&process->word, &word, process_word(0, generation, PROCESS_FREE)))
            return true;
    return false;
}

/* Asks the kernel, unless it was asked a moment ago. Processes of which only the record is wrong end here. */
bool mproc__process_check(uint32_t incarnation)
{
    if (!process_is(incarnation, PROCESS_LIVE))
        return false;
    if (incarnation == mproc__family.process)
        return true;
    struct family_process *process = family_process(incarnation);
    int64_t now = platform_now_ns();
    /* Relaxed: a time, used for nothing but itself; pid and start time were acquired with the state. Should the slot
     * be somebody else's by now, platform_is_alive is asked about the new one, and process_end leaves that one alone.
     */
    if (now - atomic_load_explicit(&process->checked_ns, memory_order_relaxed) < CHECK_NS)
        return true;
    int64_t pid = atomic_load_explicit(&process->pid, memory_order_relaxed);
    uint64_t start_time = atomic_load_explicit(&process->start_time, memory_order_relaxed);
    if (platform_is_alive(pid, start_time)) {
        atomic_store_explicit(&process->checked_ns, now, memory_order_relaxed);
        return true;
    }
    if (process_end(incarnation))
        mproc__family_announce_death();
    return false;
}

/* A slot that nobody will ever give back: reserved by a process that died before it could start the child, or, if the
 * kernel is asked, of a process whose parent died and could not report it. */
static bool process_is_orphan(uint32_t index, uint64_t word, bool ask_kernel)
{
    uint32_t incarnation = process_generation(word) << PROCESS_INDEX_BITS | index;
    if (process_state(word) == PROCESS_RESERVED)
        return !process_is((uint32_t)(word >> 32), PROCESS_LIVE);
    return ask_kernel && !mproc__process_check(incarnation);
}

/* Takes a slot for a child of parent, in the state given. Returns its incarnation, or 0. */
static uint32_t slot_take(uint32_t index, uint32_t parent, bool ask_kernel)
{
    struct family_process *process = family_process(index);
    uint64_t word = atomic_load(&process->word);
    if (process_state(word) != PROCESS_FREE) {
        if (!process_is_orphan(index, word, ask_kernel))
            return 0;
        process_end(process_generation(word) << PROCESS_INDEX_BITS | index);
        word = atomic_load(&process->word);
        if (process_state(word) != PROCESS_FREE)
            return 0;
    }
    uint32_t generation = (process_generation(word) + 1) & PROCESS_GENERATION_MASK;
    if (generation == 0)
        generation = 1;
    if (!atomic_compare_exchange_strong(&process->word, &word, process_word(parent, generation, PROCESS_RESERVED)))
        return 0;
    return generation << PROCESS_INDEX_BITS | index;
}

/* How many records of an area may be touched, wanted at least if memory for them is to be had. Where it is not, the
 * takers make do with the records that there are: the first step of both areas was committed before anything else. */
static uint32_t records_in_reach(enum family_area area, uint32_t wanted)
{
    _Static_assert(sizeof(struct family_process) == sizeof(struct family_node), "one size of record");
    if (mproc__family_reach(area, (uint64_t)wanted * sizeof(struct family_node)) == 0)
        return wanted;
    uint64_t committed = atomic_load_explicit(&family_header()->committed[area], memory_order_acquire);
    return (uint32_t)(committed / sizeof(struct family_node));
}

/* Two rounds through all slots: the kernel is asked only when the records show none that is free. */
static uint32_t slot_reserve(uint32_t parent)
{
    for (uint32_t tries = 0; tries < 2 * FAMILY_PROCESSES; tries++) {
        /* Relaxed: the CAS on the slot decides; this spreads the takers. */
        uint32_t index =
            atomic_fetch_add_explicit(&family_header()->process_cursor, 1, memory_order_relaxed) % FAMILY_PROCESSES;
        uint32_t room = records_in_reach(AREA_PROCESSES, index + 1);
        uint32_t incarnation = slot_take(index % room, parent, tries >= FAMILY_PROCESSES);
        if (incarnation != 0)
            return incarnation;
    }
    mproc__error(MPROC_E_LIMIT, "all %u process slots of the family are in use", FAMILY_PROCESSES);
    return 0;
}

/* Finding out when it started costs a process as much as opening the family. The first process does so when it is about
 * to get company: before that there is nobody who could ask. Two threads at once store the same number. */
static void record_start_time(void)
{
    _Atomic uint64_t *start_time = &family_process(mproc__family.process)->start_time;
    /* Relaxed: published by the CAS that reserves the child's slot. */
    if (atomic_load_explicit(start_time, memory_order_relaxed) == 0)
        atomic_store_explicit(start_time, platform_self_start_time(), memory_order_relaxed);
}

uint32_t mproc__process_slot_reserve(void)
{
    if (mproc__family_open() < 0)
        return 0;
    record_start_time();
    return slot_reserve(mproc__family.process);
}

void mproc__process_slot_died(uint32_t process_slot)
{
    /* Marked first, announced second: see mproc__family_announce_death. If the kernel's word came first by way of
     * mproc__process_check, the announcement was made there. Killed between the two, the reporter leaves sleepers to
     * their slices, after which they see the mark. */
    if (process_slot != 0 && process_end(process_slot))
        mproc__family_announce_death();
}

/* ---- Nodes ---- */

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
    return node_find(node, &process) && process_is(process, PROCESS_LIVE);
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
        if (ask_kernel ? mproc__process_check(process) : process_is(process, PROCESS_LIVE))
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
        slot %= records_in_reach(AREA_NODES, slot + 1);
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
    if (mproc__family_open() < 0)
        return 0;
    node_id id = node_reserve();
    if (id == 0)
        return 0;
    mproc__self = (struct family_self){ id, family_node(id & NODE_SLOT_MASK) };
    platform_thread_exit_arm();
    return id;
}

/* The end of a thread that has a node. In a copy made by the program's own fork the node is the original's, and its
 * memory is not mapped. */
static void node_retire(void)
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

void mproc__node_holds(int change)
{
    if (mproc__node_self() != 0)
        family_holds(change);
}

/* ---- Entry ---- */

int mproc__process_enter(uint32_t process_slot)
{
    uint32_t incarnation = process_slot ? process_slot : slot_reserve(0);
    if (incarnation == 0)
        return MPROC_E_LIMIT;
    struct family_process *process = family_process(incarnation);
    uint64_t word = atomic_load(&process->word);
    if (!process_is(incarnation, PROCESS_RESERVED))
        return mproc__error(MPROC_E_STATE, "process slot %u is not reserved for this process", process_slot);
    atomic_store_explicit(&process->pid, platform_self_pid(), memory_order_relaxed);
    atomic_store_explicit(&process->start_time, process_slot ? platform_self_start_time() : 0, memory_order_relaxed);
    atomic_store_explicit(&process->checked_ns, 0, memory_order_relaxed);
    /* Release: who sees the process live sees its pid and start time. */
    uint64_t live = process_word((uint32_t)(word >> 32), process_generation(word), PROCESS_LIVE);
    if (!atomic_compare_exchange_strong(&process->word, &word, live))
        return mproc__error(MPROC_E_STATE, "process slot %u was given up by the parent", process_slot);
    mproc__family.process = incarnation;
    platform_thread_exit_hook(node_retire);
    return 0;
}
