/* What a worker is to the start of processes. */
#ifndef MPROC_POOL_WORKER_H
#define MPROC_POOL_WORKER_H

#include "process/boot_layout.h"
#include <mproc/task.h>

/** A child_main, see process/enter.h: the worker's life. */
int mproc__worker_main(struct child_boot *boot, mproc_task_fn *initializer);

#endif
