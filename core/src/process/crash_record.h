/* The record that a child leaves if it dies of a fault. */
#ifndef MPROC_PROCESS_CRASH_RECORD_H
#define MPROC_PROCESS_CRASH_RECORD_H

#include "process/boot_layout.h"

/** In a parent, before it starts such a child. Errors: MPROC_E_NOT_SUPPORTED. */
int mproc__crash_record_prepare(void);

/** In a child, by its main thread, before the program's own code runs: begins to watch for faults, if the parent wants
 * that. Errors: MPROC_E_NOT_SUPPORTED, MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__crash_record_begin(const struct child_boot *boot);

#endif
