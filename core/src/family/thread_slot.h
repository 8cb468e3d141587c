/* Thread slots: which threads of the family wait or own (D10). Identity is per incarnation, as for processes. */
#ifndef MPROC_FAMILY_THREAD_SLOT_H
#define MPROC_FAMILY_THREAD_SLOT_H

#include "family/family_layout.h"
#include "family/view.h"

/** The calling thread's node, made on first use and marked dead when the thread ends. 0 if there are more threads than
 * the family has room for (16383). About 2 ns after the first time. */
node_id mproc__node_self(void);

/** Whether the thread of this node lives, as far as the family's records say: a few ns. */
bool mproc__node_is_live(node_id node);

/** The same, asking the kernel about the process if the records say it lives: about 10 us, or nothing if anybody in the
 * family has asked within the last 10 ms. Marks what it finds dead, as mproc__process_slot_died does. For a waiter
 * before its first sleep and after each slice. */
bool mproc__node_check(node_id node);

/** Changes the bell of this node's thread and wakes it; nothing if it is dead. */
void mproc__node_ring(node_id node);

/** For platform_thread_exit_hook: the end of a thread that has a node. */
void mproc__node_retire(void);

/** Counts what the calling thread, which has a node, holds, so that its end is noticed by waiters at once (release may
 * come from another thread: the count is a hint only). Only its own thread writes the count, so a load and a
 * store do; relaxed, because it is read for other than this thread's purposes only by whoever looks on. */
static inline void family_holds(int change)
{
    struct family_node *node = mproc__self.node;
    uint32_t holds = atomic_load_explicit(&node->holds, memory_order_relaxed);
    atomic_store_explicit(&node->holds, holds + (uint32_t)change, memory_order_relaxed);
}

#endif
