/* Being a child: the one start-up path of all start methods, once the process is there. */
#ifndef MPROC_PROCESS_ENTER_H
#define MPROC_PROCESS_ENTER_H

#include "process/boot_layout.h"
#include <mproc/task.h>

/** What a child of some role does in its family. It says READY by mproc__child_ready and starts its lifeline, in the
 * order that suits it. function: the one of the boot, NULL if there is none. Returns the exit code. */
typedef int child_main(struct child_boot *boot, mproc_task_fn *function);

/** What becomes of a process that comes in, told by the place above all floors. */
struct child_entry {
    /** Every lock and list of core that this process may have copied from its parent begins anew; there is one
     * thread. */
    void (*adopt)(const struct child_boot *boot);
    child_main *mains[CHILD_ROLES]; /**< by enum child_role */
};

/** For mproc_init: if this process was spawned by mproc, runs it as the child it is and never returns. Else keeps the
 * entry for the children that are going to be forked: none is before. */
void mproc__child_enter(const struct child_entry *entry);

/** A child by fork becomes what the boot in the segment says. store: that of the boot, by this child's own value. Never
 * returns. */
_Noreturn void mproc__child_enter_forked(platform_handle segment, platform_handle store);

/** A platform_child_main for templates: argument unused, handles as mproc__child_launch passes them. Never returns. */
void mproc__child_template_main(void *argument, const platform_handle *handles, int handle_count);

#endif
