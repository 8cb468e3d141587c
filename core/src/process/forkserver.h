/* The fork server of this process, from its parent's side. */
#ifndef MPROC_PROCESS_FORKSERVER_H
#define MPROC_PROCESS_FORKSERVER_H

#include "process/plan.h"
#include "process/segment.h"

/** Starts a child from the server, which is started if there is none, or none any more. Else as mproc__child_launch.
 * Blocks until a new server is ready. Errors: also those of the server's start; MPROC_E_PEER_DIED if it died before it
 * had answered: the child may exist all the same, so that another attempt needs another segment. */
int mproc__forkserver_launch(const struct child_plan *plan, struct child_segment *segment, platform_exit_fn *on_exit,
                             void *user, platform_process **ret_process);

/** In a child, before it has other threads: its parent's server is not its own. */
void mproc__forkserver_adopt(void);

#endif
