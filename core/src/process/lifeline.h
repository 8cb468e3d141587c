/* What ends a child whose parent has died. */
#ifndef MPROC_PROCESS_LIFELINE_H
#define MPROC_PROCESS_LIFELINE_H

#include "process/boot_layout.h"

/** In a child: sees to it that it does not outlive its parent. Starts a thread, which takes a third as long as the whole
 * start of a forked process. Errors: MPROC_E_START_FAILED. */
int mproc__lifeline_start(const struct child_boot *boot);

#endif
