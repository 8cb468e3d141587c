/* Thread slots; see thread_slot.h.
 *
 * Slots are handed out in turn, not the last one freed first, so that an identity comes back as late as
 * possible. The id of a thread slot has 16 bits of generation: it repeats when one slot has been used 65535 times,
 * which takes about a thousand million threads in one family as long as the slots are taken in turn, and 65535 threads
 * if all other slots are in use. A lock still held by the first bearer of an id then seems held by the second one,
 * until that one ends too.
 */
#include "family/thread_slot.h"
#include "base/base.h"
#include "base/error.h"
#include "family/death.h"
#include "family/family_layout.h"
#include "family/map.h"
#include "family/process_slot.h"
#include "family/view.h"

static uint64_t thread_word(uint32_t process, uint32_t generation, enum family_thread_state state)
{
    return (uint64_t)process << 32 | (uint64_t)generation << 16 | (uint64_t)state;
}

static uint32_t thread_generation(uint64_t word)
{
    return (uint32_t)word >> 16;
}

static enum family_thread_state thread_state(uint64_t word)
{
    return (enum family_thread_state)(word & 0xffff);
}

/* The record of a thread slot id in its present life, or false. Ids come out of shared words: anything is possible. */
static bool thread_find(thread_slot id, uint32_t *ret_process)
{
    uint32_t slot = id & THREAD_INDEX_MASK;
    uint64_t committed = atomic_load_explicit(&family_header()->committed[AREA_THREADS], memory_order_acquire);
    if (id == 0 || (slot + 1) * sizeof(struct family_thread) > committed)
        return false;
    /* Acquire: pairs with the CAS of mproc__thread_slot_retire and process_end, after which the dead owner's last
     * writes are there. */
    uint64_t word = atomic_load_explicit(&family_thread(slot)->word, memory_order_acquire);
    *ret_process = (uint32_t)(word >> 32);
    return thread_generation(word) == id >> THREAD_INDEX_BITS && thread_state(word) == THREAD_LIVE;
}

bool mproc__thread_slot_is_live(thread_slot thread)
{
    uint32_t process;
    return thread_find(thread, &process) && mproc__process_slot_is_live(process);
}

bool mproc__thread_slot_check(thread_slot thread)
{
    uint32_t process;
    return thread_find(thread, &process) && mproc__process_slot_check(process);
}

void mproc__thread_slot_notify(thread_slot thread)
{
    uint32_t process;
    if (!thread_find(thread, &process))
        return;
    platform_word *bell = &family_thread(thread & THREAD_INDEX_MASK)->bell;
    /* seq_cst, as platform_wake asks: after whatever the caller wants seen. */
    atomic_fetch_add(&bell->value, 1);
    platform_wake(bell, 1);
}

/* Takes a thread slot for the calling thread if it is free, or its process is gone. Returns its id, or 0. */
static thread_slot thread_take(uint32_t slot, bool ask_kernel)
{
    struct family_thread *thread = family_thread(slot);
    uint64_t word = atomic_load(&thread->word);
    if (thread_state(word) != THREAD_FREE) {
        uint32_t process = (uint32_t)(word >> 32);
        if (ask_kernel ? mproc__process_slot_check(process) : mproc__process_slot_is_live(process))
            return 0;
    }
    uint32_t generation = (thread_generation(word) + 1) & THREAD_GENERATION_MASK;
    if (generation == 0)
        generation = 1;
    if (!atomic_compare_exchange_strong(&thread->word, &word,
                                        thread_word(mproc__family.process, generation, THREAD_LIVE)))
        return 0;
    if (thread->bell.key == 0)
        thread->bell.key = mproc__family_new_key();
    atomic_store_explicit(&thread->holds, 0, memory_order_relaxed);
    atomic_store_explicit(&thread->waits_on, 0, memory_order_relaxed);
    atomic_store_explicit(&thread->system_id, platform_thread_id(), memory_order_relaxed);
    return generation << THREAD_INDEX_BITS | slot;
}

static thread_slot thread_reserve(void)
{
    uint32_t slots = FAMILY_THREADS - 1;
    for (uint32_t tries = 0; tries < 2 * slots; tries++) {
        uint32_t slot = 1 + atomic_fetch_add_explicit(&family_header()->thread_cursor, 1, memory_order_relaxed) % slots;
        slot %= mproc__family_records(AREA_THREADS, slot + 1);
        thread_slot id = slot ? thread_take(slot, tries >= slots) : 0;
        if (id != 0)
            return id;
    }
    mproc__error(MPROC_E_LIMIT, "all %u thread slots of the family are in use", slots);
    return 0;
}

/* Out of line, so that the usual case does not pay for its registers. */
NEVER_INLINE static thread_slot thread_enter(void)
{
    if (!family_is_ours()) {
        mproc__family_missing();
        return 0;
    }
    thread_slot id = thread_reserve();
    if (id == 0)
        return 0;
    mproc__self = (struct family_self){ id, family_thread(id & THREAD_INDEX_MASK) };
    platform_thread_exit_arm();
    return id;
}

thread_slot mproc__thread_slot_self(void)
{
    return likely(mproc__self.id != 0) ? mproc__self.id : thread_enter();
}

/* The end of a thread that has a slot. In a copy made by the program's own fork the slot is the original's, and its
 * memory is not mapped. */
void mproc__thread_slot_retire(void)
{
    if (mproc__self.id == 0 || platform_is_copy())
        return;
    struct family_thread *thread = mproc__self.thread;
    bool held = atomic_load_explicit(&thread->holds, memory_order_relaxed) > 0;
    uint32_t generation = mproc__self.id >> THREAD_INDEX_BITS;
    uint64_t live = thread_word(mproc__family.process, generation, THREAD_LIVE);
    mproc__self = (struct family_self){ 0, NULL };
    /* Marked first, announced second, as for processes. It is no longer ours if somebody took this process for dead. */
    atomic_compare_exchange_strong(&thread->word, &live, thread_word(0, generation, THREAD_FREE));
    if (held)
        mproc__family_announce_death();
}
