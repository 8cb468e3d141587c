/* Process slots; see process_slot.h.
 *
 * Slots are handed out in turn, not the last one freed first, so that an identity comes back as late as possible.
 */
#include "family/process_slot.h"
#include "base/error.h"
#include "family/death.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/view.h"

/* What the kernel said about a process is taken for true for so long: a hundred waiters on one lock ask it no more
 * often than one. Together with a waiter's slice it stays below the 50 ms in which a death must be noticed. */
#define CHECK_NS (10 * (int64_t)1000000)

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

bool mproc__process_is_live(uint32_t process)
{
    return process_is(process, PROCESS_LIVE);
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

/* Two rounds through all slots: the kernel is asked only when the records show none that is free. */
static uint32_t slot_reserve(uint32_t parent)
{
    for (uint32_t tries = 0; tries < 2 * FAMILY_PROCESSES; tries++) {
        /* Relaxed: the CAS on the slot decides; this spreads the takers. */
        uint32_t index =
            atomic_fetch_add_explicit(&family_header()->process_cursor, 1, memory_order_relaxed) % FAMILY_PROCESSES;
        uint32_t room = mproc__family_records(AREA_PROCESSES, index + 1);
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
    if (!family_is_ours()) {
        mproc__family_absent();
        return 0;
    }
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
    return 0;
}
