/* Where a child's segment has room for the record of its death: between the boot and the role data. */
#ifndef MPROC_PROCESS_CRASH_LAYOUT_H
#define MPROC_PROCESS_CRASH_LAYOUT_H

#include "platform.h"
#include "process/boot_layout.h"

#define CHILD_CRASH_OFFSET 2048u

_Static_assert(sizeof(struct platform_crash_module) == 56, "the same in every build");
_Static_assert(sizeof(platform_crash) == 1472, "the same in every build");
_Static_assert(sizeof(struct child_boot) <= CHILD_CRASH_OFFSET, "it lies behind the boot");
_Static_assert(CHILD_CRASH_OFFSET + sizeof(platform_crash) <= CHILD_ROLE_OFFSET, "it lies in front of the role data");

/** The record in a segment: the child's to write, once, the parent's to read when the child is dead. */
static inline platform_crash *crash_in(const struct child_boot *boot)
{
    return (platform_crash *)((uintptr_t)boot + CHILD_CRASH_OFFSET);
}

#endif
