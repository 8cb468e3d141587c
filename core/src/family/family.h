/* The family segment: the one shared memory that the first process makes and all its descendants map, whatever
 * the start method. Everything that is passed by value between processes lies in it.
 *
 * Lives here: the segment's layout, making it and joining it, this process's view of it, the slots by which processes
 * and threads are known, and the two words by which all are told of deaths and of activity.
 *
 * May use: the port, and errors (base/).
 *
 * Must not know: what the pages hold (memory/), how anybody waits, and why processes are started.
 */
#ifndef MPROC_FAMILY_FAMILY_H
#define MPROC_FAMILY_FAMILY_H

#include "platform.h"

/** Sets the limit of a family that does not exist yet, in bytes; 0: the default. Errors: MPROC_E_STATE if this process
 * has a family; MPROC_E_RANGE. */
int mproc__family_set_limit(uint64_t bytes);

/** Sets how many bytes objects may come to have of it, all kinds together; 0: the default. Errors: as set_limit. */
int mproc__family_set_object_limit(uint64_t bytes);

/** Makes sure that this process has the family segment: makes it in the first process of a family, once, when first
 * needed. Any thread. Errors: MPROC_E_OS, MPROC_E_LIMIT; MPROC_E_WRONG_PROCESS in a copy made by the program's own
 * fork. */
int mproc__family_open(void);

/** In a child: joins the family of the parent by inherited handles, as the process with this slot. Once, before
 * anything else of core is used. The handles are not closed, whatever happens. Errors: MPROC_E_MISMATCH for a segment
 * of another layout version; MPROC_E_STATE if the slot is no longer reserved; MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__family_join(platform_handle segment, platform_handle scope, uint32_t process_slot);

/** In a copy that the program's own fork made, by its only thread: this process has no family, and may make one. The
 * handles are not closed; the port has done so. */
void mproc__family_leave(void);

/** The handles to pass on to children (scope is PLATFORM_NO_HANDLE on POSIX). After open or join. */
platform_handle mproc__family_segment(void);
platform_handle mproc__family_scope(void);

#endif
