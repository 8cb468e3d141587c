/* The segment of a child, from its parent's side. */
#ifndef MPROC_PROCESS_SEGMENT_H
#define MPROC_PROCESS_SEGMENT_H

#include "process/boot_layout.h"
#include "process/plan.h"

/** A parent's hold on a child's segment. */
struct child_segment {
    platform_handle handle;
    platform_handle store;   /**< the queue of the store between the two, or PLATFORM_NO_HANDLE */
    struct child_boot *boot; /**< the mapping; role data follows at CHILD_ROLE_OFFSET */
    size_t size;
    platform_exit how;     /**< how the child ended, if that was before it was ready */
    uint32_t process_slot; /**< kept here as well: what the boot says may have been overwritten by the child */
};

/** None yet. */
// clang-format off
#define CHILD_SEGMENT_NONE { .handle = PLATFORM_NO_HANDLE, .store = PLATFORM_NO_HANDLE }
// clang-format on

/** Makes the segment of a child and fills in its boot. The process slot is reserved. Nothing is started.
 * Errors: MPROC_E_NO_FUNCTION, MPROC_E_OS, MPROC_E_LIMIT, MPROC_E_NO_MEMORY. */
int mproc__child_prepare(const struct child_plan *plan, struct child_segment *ret_segment);

/** Gives the segment back, and the process slot: only after the process is dead or never started, and when nobody is
 * in mproc__child_launch or mproc__child_await with it. Idempotent. Never blocks: exit callbacks may call it. */
void mproc__child_release(struct child_segment *segment);

/** Closes the parent's handle of the segment (the mapping stays), once the child has it: after mproc__child_launch. */
void mproc__child_close_handle(struct child_segment *segment);

#endif
