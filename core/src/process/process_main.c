/* A process object's function, run in the child. */
#include "process/process_main.h"
#include "base/log.h"
#include "process/boot_layout.h"
#include "process/crash_record.h"
#include "process/handshake.h"
#include "process/lifeline.h"
#include "process/task.h"

/* READY does not wait for the lifeline's thread. Should it fail, it is too late to tell the parent by FAILED: a line on
 * stderr says why, whatever the log level, and the function does not run. Running it without a lifeline could leave an
 * orphan. */
static void require_lifeline(const struct child_boot *boot)
{
    if (mproc__lifeline_start(boot) == 0)
        return;
    mproc_perror(boot->name);
    platform_exit_now(1);
}

int mproc__process_main(struct child_boot *boot, mproc_task_fn *function)
{
    char message[TASK_MESSAGE_BYTES] = "";
    mproc_view argument = { (const char *)boot + boot->argument_offset, boot->argument_size };
    mproc__child_ready(boot);
    mproc__crash_record_begin(boot, &argument);
    require_lifeline(boot);
    int code = mproc__task_run(function, argument, -1, message);
    if (code != 0 && message[0] != 0)
        mproc__log(MPROC_LOG_ERROR, "the function returned %d: %s", code, message);
    return code;
}
