/* Thread slots: which threads of the family wait or own. Identity is per incarnation, as for processes. */
#ifndef MPROC_FAMILY_THREAD_SLOT_H
#define MPROC_FAMILY_THREAD_SLOT_H

#include "family/family_layout.h"
#include "family/view.h"

/** The calling thread's slot, made on first use and marked dead when the thread ends. 0 if there are more threads than
 * the family has room for (16383). About 2 ns after the first time. */
thread_slot mproc__thread_slot_self(void);

/** Whether the thread of this slot lives, as far as the family's records say: a few ns. */
bool mproc__thread_slot_is_live(thread_slot thread);

/** The same, asking the kernel about the process if the records say it lives: about 10 us, or nothing if anybody in the
 * family has asked within the last 10 ms. Marks what it finds dead, as mproc__process_slot_died does. For a waiter
 * before its first sleep and after each slice. */
bool mproc__thread_slot_check(thread_slot thread);

/** Changes the bell of this slot's thread and wakes it; nothing if it is dead. */
void mproc__thread_slot_notify(thread_slot thread);

/** For platform_thread_exit_hook: the end of a thread that has a slot. */
void mproc__thread_slot_retire(void);

/** Counts what the calling thread, which has a slot, holds, so that its end is noticed by waiters at once (release may
 * come from another thread: the count is a hint only). Only its own thread writes the count, so a load and a
 * store do; relaxed, because it is read for other than this thread's purposes only by whoever looks on. */
static inline void thread_slot_holds(int change)
{
    struct family_thread *thread = mproc__self.thread;
    uint32_t holds = atomic_load_explicit(&thread->holds, memory_order_relaxed);
    atomic_store_explicit(&thread->holds, holds + (uint32_t)change, memory_order_relaxed);
}

/* ---- For onlookers ---- */

/** The calling thread, which has a slot, is about to sleep, since then, for the object with this second half of a
 * handle; and no longer. limited: there is a time after which it gives up. Some stores and no more. */
void mproc__thread_slot_sleeps(uint64_t on, enum thread_wait what, int64_t since_ns, bool limited);
void mproc__thread_slot_wakes(void);

/** The calling thread, which has a slot, has taken a lock there. Relaxed: for onlookers, and nothing but itself. */
static inline void thread_slot_took(const void *where)
{
    atomic_store_explicit(&mproc__self.thread->held_at, (uint64_t)(uintptr_t)where, memory_order_relaxed);
}

/** A thread, as somebody saw it who looked on. */
struct thread_sight {
    thread_slot id;
    uint32_t process; /**< incarnation */
    int64_t pid;
    uint64_t system_id;
    uint32_t holds;    /**< how many things, more or less */
    uint64_t held_at;  /**< where it last took a lock: an address in its process; 0: unknown. So is waits_at */
    uint64_t waits_on; /**< 0: nothing */
    enum thread_wait waits_for;
    uint64_t waits_at;
    int64_t waits_since_ns; /**< to two milliseconds */
    bool is_limited;        /**< it waits for so long only */
};

/** So many slots have been in use so far, the first of them by nobody. */
uint32_t mproc__thread_slots(void);

/** Looks at a thread by the index of its slot. False: there is none that lives, as far as the records say, or it has
 * changed meanwhile. Waits for nobody. now_ns: the time, or a moment before. */
bool mproc__thread_slot_look(uint32_t index, int64_t now_ns, struct thread_sight *ret_sight);

#endif
