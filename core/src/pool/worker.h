/* What a worker is to the start of processes. */
#ifndef MPROC_POOL_WORKER_H
#define MPROC_POOL_WORKER_H

#include "process/boot_layout.h"
#include <mproc/task.h>

/** What a worker runs after the common set-up (family joined, lifeline started, function resolved); returns the exit
 * code. initializer may be NULL. */
int mproc__worker_main(struct child_boot *boot, mproc_function *initializer);

#endif
