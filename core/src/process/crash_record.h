/* The record that a child leaves if it dies of a fault. */
#ifndef MPROC_PROCESS_CRASH_RECORD_H
#define MPROC_PROCESS_CRASH_RECORD_H

#include "process/boot_layout.h"

/** In a parent, before it starts such a child. Errors: MPROC_E_NOT_SUPPORTED. */
int mproc__crash_record_prepare(void);

/** In a child, by its main thread, once it is READY, so that no start waits for it, and before the program's own code
 * can be blamed on a task: begins to watch for faults, if the parent wants that. If it cannot, it is logged, and the
 * child leaves no stack. */
void mproc__crash_record_begin(const struct child_boot *boot);

#endif
