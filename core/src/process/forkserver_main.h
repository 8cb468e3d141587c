/* What a child of role CHILD_FORKSERVER runs. */
#ifndef MPROC_PROCESS_FORKSERVER_MAIN_H
#define MPROC_PROCESS_FORKSERVER_MAIN_H

#include "process/boot_layout.h"
#include <mproc/task.h>

/** A child_main, see enter.h: runs the preload function, if there is one, and serves. Never returns. */
int mproc__forkserver_main(struct child_boot *boot, mproc_task_fn *preload);

#endif
