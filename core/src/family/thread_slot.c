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
    atomic_store_explicit(&thread->held_at, 0, memory_order_relaxed);
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
    mproc__self.id = id;
    mproc__self.thread = family_thread(id & THREAD_INDEX_MASK);
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
    mproc__self = (struct family_self){ .id = 0 };
    /* Marked first, announced second, as for processes. It is no longer ours if somebody took this process for dead. */
    atomic_compare_exchange_strong(&thread->word, &live, thread_word(0, generation, THREAD_FREE));
    if (held)
        mproc__family_announce_death();
}

/* ---- For onlookers ---- */

void mproc__thread_slot_sleeps(uint64_t on, enum thread_wait what, int64_t since_ns, bool limited)
{
    struct family_thread *thread = mproc__self.thread;
    uint32_t since = (uint32_t)(since_ns >> THREAD_SINCE_SHIFT) & ~THREAD_LIMITED;
    /* The rest before waits_on, which it goes with: L9. */
    atomic_store_explicit(&thread->waits_since, since | (limited ? THREAD_LIMITED : 0), memory_order_relaxed);
    atomic_store_explicit(&thread->waits_at, (uint64_t)(uintptr_t)mproc__self.caller, memory_order_relaxed);
    atomic_store_explicit(&thread->waits_on, on | (uint64_t)what << THREAD_WAIT_SHIFT, memory_order_release);
}

void mproc__thread_slot_wakes(void)
{
    atomic_store_explicit(&mproc__self.thread->waits_on, 0, memory_order_relaxed);
    /* Before what the next sleep says of itself: L9. */
    atomic_thread_fence(memory_order_release);
}

uint32_t mproc__thread_slots(void)
{
    uint64_t committed = atomic_load_explicit(&family_header()->committed[AREA_THREADS], memory_order_acquire);
    uint32_t slots = (uint32_t)(committed / sizeof(struct family_thread));
    return slots < FAMILY_THREADS ? slots : FAMILY_THREADS;
}

/* What the clock said that many units ago, and not more than all of them. */
static int64_t since_of(uint32_t units, int64_t now_ns)
{
    uint32_t age = (uint32_t)(now_ns >> THREAD_SINCE_SHIFT) - units;
    /* It may have been written after now_ns was read. */
    if ((int32_t)age < 0 && age > UINT32_MAX - 64)
        age = 0;
    return ((now_ns >> THREAD_SINCE_SHIFT) - age) * ((int64_t)1 << THREAD_SINCE_SHIFT);
}

static void look_at_wait(const struct family_thread *thread, int64_t now_ns, struct thread_sight *ret_sight)
{
    /* L9: what is read between two equal values of waits_on goes with it. */
    uint64_t on = atomic_load_explicit(&thread->waits_on, memory_order_acquire);
    uint32_t since = atomic_load_explicit(&thread->waits_since, memory_order_relaxed);
    ret_sight->waits_at = atomic_load_explicit(&thread->waits_at, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (on == 0 || atomic_load_explicit(&thread->waits_on, memory_order_relaxed) != on)
        return;
    ret_sight->waits_on = on & ~THREAD_WAIT_MASK;
    ret_sight->waits_for = (enum thread_wait)(on >> THREAD_WAIT_SHIFT & 3);
    ret_sight->waits_since_ns = since_of(since & ~THREAD_LIMITED, now_ns);
    ret_sight->is_limited = (since & THREAD_LIMITED) != 0;
}

bool mproc__thread_slot_look(uint32_t index, int64_t now_ns, struct thread_sight *ret_sight)
{
    const struct family_thread *thread = family_thread(index);
    uint64_t word = atomic_load_explicit(&thread->word, memory_order_acquire);
    *ret_sight = (struct thread_sight){ .process = (uint32_t)(word >> 32) };
    if (thread_state(word) != THREAD_LIVE || !mproc__process_slot_is_live(ret_sight->process))
        return false;
    ret_sight->id = thread_generation(word) << THREAD_INDEX_BITS | index;
    ret_sight->pid = atomic_load_explicit(&family_process(ret_sight->process)->pid, memory_order_relaxed);
    ret_sight->system_id = atomic_load_explicit(&thread->system_id, memory_order_relaxed);
    ret_sight->holds = atomic_load_explicit(&thread->holds, memory_order_relaxed);
    ret_sight->held_at = atomic_load_explicit(&thread->held_at, memory_order_relaxed);
    look_at_wait(thread, now_ns, ret_sight);
    /* It was this thread's, and the process this one, if both still are. */
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&thread->word, memory_order_relaxed) == word &&
           mproc__process_slot_is_live(ret_sight->process);
}
