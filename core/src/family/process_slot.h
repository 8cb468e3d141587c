/* Process slots: which processes are of the family.
 *
 * Identity is per incarnation: slot and generation. With the slot alone a dead process looks alive as soon as its slot
 * is used again.
 */
#ifndef MPROC_FAMILY_PROCESS_SLOT_H
#define MPROC_FAMILY_PROCESS_SLOT_H

#include <stdbool.h>
#include <stdint.h>
/** Reserves a slot for a process about to be started, so that its parent can report its death. What is returned carries
 * the slot's generation, so a report that comes twice, or late, hits nobody else. 0 if all 4096 are in use;
 * mproc_last_error() then names the limit. */
uint32_t mproc__process_slot_reserve(void);

/** The process that was started for the slot, or will never be, is dead: its thread slots die with it, blocked waiters
 * look again, and the slot is free for reuse. Called by the parent when the kernel has said so. Any thread. */
void mproc__process_slot_died(uint32_t process_slot);

/** The same for a process, by its incarnation. */
bool mproc__process_slot_check(uint32_t process);

/** The same as far as the records say, a few ns. */
bool mproc__process_slot_is_live(uint32_t process);

/** Makes this process the one of the slot, which is reserved for it; takes a new slot if process_slot is 0, in the
 * first process. Errors: MPROC_E_STATE if the slot's reservation has lapsed; MPROC_E_LIMIT. */
int mproc__process_slot_enter(uint32_t process_slot);

#endif
