/* Being a child: the one start-up path of all start methods, once the process is there. */
#ifndef MPROC_PROCESS_ENTER_H
#define MPROC_PROCESS_ENTER_H

#include "process/boot_layout.h"

/** For mproc_init: if this process was spawned by mproc, runs it as the child it is and never returns. */
void mproc__child_enter(void);

/** A child by fork becomes what the boot in the segment says. Never returns. */
_Noreturn void mproc__child_enter_segment(platform_handle segment);

/** A child_main for templates: argument unused, handles as mproc__child_launch passes them. Never returns. */
void mproc__child_template_main(void *argument, const platform_handle *handles, int handle_count);

#endif
