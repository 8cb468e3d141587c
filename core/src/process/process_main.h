/* What a child of role CHILD_PROCESS runs. */
#ifndef MPROC_PROCESS_PROCESS_MAIN_H
#define MPROC_PROCESS_PROCESS_MAIN_H

#include "process/boot_layout.h"
#include <mproc/task.h>

/** A child_main, see enter.h: the function of a process object. */
int mproc__process_main(struct child_boot *boot, mproc_task_fn *function);

#endif
