/* Who is who in a family: a slot per process, a node per thread that waits or owns (D10).
 *
 * Identity is per incarnation: slot and generation. With the slot alone a dead owner looks alive as soon as
 * its slot is used again.
 */
#ifndef MPROC_FAMILY_NODE_H
#define MPROC_FAMILY_NODE_H

#include <stdbool.h>
#include <stdint.h>

/** Incarnation of a thread node: 14 bits of slot (from 1), 16 bits of generation; 0 is none. */
typedef uint32_t node_id;

/** Reserves a slot for a process about to be started, so that its parent can report its death. What is returned carries
 * the slot's generation, so a report that comes twice, or late, hits nobody else. 0 if all 4096 are in use;
 * mproc_last_error() then names the limit. */
uint32_t mproc__process_slot_reserve(void);

/** The process that was started for the slot, or will never be, is dead: its nodes die with it, blocked waiters look
 * again, and the slot is free for reuse. Called by the parent when the kernel has said so. Any thread. */
void mproc__process_slot_died(uint32_t process_slot);

/** The calling thread's node, made on first use and marked dead when the thread ends. 0 if there are more threads than
 * the family has room for (16383). About 2 ns after the first time. */
node_id mproc__node_self(void);

/** Whether the thread of this node lives, as far as the family's records say: a few ns. */
bool mproc__node_is_live(node_id node);

/** The same, asking the kernel about the process if the records say it lives: about 10 us, or nothing if anybody in the
 * family has asked within the last 10 ms. Marks what it finds dead, as mproc__process_slot_died does. For a waiter
 * before its first sleep and after each slice. */
bool mproc__node_check(node_id node);

/** The same for a process, by its incarnation. */
bool mproc__process_check(uint32_t process);

/** Counts what the calling thread holds, so that its end is noticed by waiters at once (release may come from another
 * thread: the count is a hint only). */
void mproc__node_holds(int change);

/** Changes the bell of this node's thread and wakes it; nothing if it is dead. */
void mproc__node_ring(node_id node);

#endif
