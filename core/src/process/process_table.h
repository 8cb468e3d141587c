/* Who this process is, and which children it has. */
#ifndef MPROC_PROCESS_PROCESS_TABLE_H
#define MPROC_PROCESS_PROCESS_TABLE_H

#include "process/plan.h"
#include <mproc/process.h>

/** Whether this process is a daemon. */
bool mproc__process_is_daemon(void);

/** Fills in the names, the lineage and the key of a child's boot. Errors: MPROC_E_OS for lack of random bytes. */
int mproc__process_describe(const struct child_plan *plan, struct child_boot *boot);

/** In a child, before it has other threads: becomes the process that the boot describes, without children. */
void mproc__process_adopt(const struct child_boot *boot);

/** Ends the daemons among the process objects, and waits for the others. For the end of this process. */
void mproc__process_end_children(void);

#endif
