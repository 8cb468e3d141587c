/* Which way a child is started. */
#include "process/start.h"
#include "process/forkserver.h"
#include "process/launch.h"

int mproc__child_start(const struct child_plan *plan, struct child_segment *segment, platform_template *template,
                       platform_exit_fn *on_exit, void *user, platform_process **ret_process)
{
    if (plan->method == MPROC_START_FORKSERVER)
        return mproc__forkserver_launch(plan, segment, on_exit, user, ret_process);
    return mproc__child_launch(plan, segment, template, on_exit, user, ret_process);
}
