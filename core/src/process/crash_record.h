/* The record that a child leaves if it dies of a fault. */
#ifndef MPROC_PROCESS_CRASH_RECORD_H
#define MPROC_PROCESS_CRASH_RECORD_H

#include "process/boot_layout.h"

/** In a parent, before it starts such a child. Errors: MPROC_E_NOT_SUPPORTED. */
int mproc__crash_record_prepare(void);

/** In a child, by its main thread, before the program's own code runs, and otherwise once it is READY, so that no start
 * waits for it: begins to watch for faults, if the parent wants that. base: an address in the caller's frame, from
 * which on outwards nothing is the program's. If it cannot, it is logged, and the child leaves no stack. */
void mproc__crash_record_begin(const struct child_boot *boot, const void *base);

#endif
