/* Starting a child, whatever its method. */
#ifndef MPROC_PROCESS_START_H
#define MPROC_PROCESS_START_H

#include "process/plan.h"
#include "process/segment.h"

/** As mproc__child_launch; under forkserver as mproc__forkserver_launch, and template is not looked at.
 * Errors: also MPROC_E_PEER_DIED, for a template or a server that has died: worth another attempt, with another
 * segment. */
int mproc__child_start(const struct child_plan *plan, struct child_segment *segment, platform_template *template,
                       platform_exit_fn *on_exit, void *user, platform_process **ret_process);

#endif
