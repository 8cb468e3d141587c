/* The fork server, in its own process. It has no lifeline, which would be a second thread: while its starter waits for
 * it, it ends with him; from then on it watches for the parent's death itself. */
#include "process/forkserver_main.h"
#include "base/error.h"
#include "base/log.h"
#include "process/boot_layout.h"
#include "process/enter.h"
#include "process/flush.h"
#include "process/forkserver_layout.h"
#include "process/handshake.h"
#include "process/task.h"
#include "process/threads.h"
#include <mproc/forkserver.h>
#include <stdio.h>

static void end_with_starter(const struct child_boot *boot)
{
    platform_end_with_starter(true);
    if (platform_identity_wait(&boot->parent, 0) > 0)
        platform_exit_now(1);
}

/* A thread that flushes all, and waits for a stream that another one holds, keeps the C library's list of streams
 * locked, and no fork gets by. */
static void flush_before_forks(void)
{
    if (mproc__threads_others()) {
        fflush(stdout);
        fflush(stderr);
    } else {
        mproc__flush_stdio();
    }
}

static int run_preload(const struct child_boot *boot, mproc_task_fn *preload)
{
    const struct forkserver_area *area = (const void *)((const char *)boot + CHILD_ROLE_OFFSET);
    char message[TASK_MESSAGE_BYTES] = "";
    mproc_view args = { (const char *)boot + boot->argument_offset, boot->argument_size };
    int code = preload != NULL ? mproc__task_run(preload, args, -1, message) : 0;
    flush_before_forks();
    if (code >= 0 || area->on_error == MPROC_PRELOAD_IGNORE)
        return 0;
    if (area->on_error != MPROC_PRELOAD_WARN)
        return mproc__error(MPROC_E_INIT_FAILED, "the preload function returned %d: %s", code, message);
    mproc__log(MPROC_LOG_WARNING, "the preload function returned %d: %s", code, message);
    return 0;
}

/* The handles that its children find by the values they have here. */
static int list_kept(const struct child_boot *boot, platform_handle ret_keep[3])
{
    int count = 0;
    ret_keep[count++] = (platform_handle)boot->family;
    if (boot->scope != PLATFORM_NO_HANDLE)
        ret_keep[count++] = (platform_handle)boot->scope;
    if (boot->parent.handle != PLATFORM_NO_HANDLE)
        ret_keep[count++] = boot->parent.handle;
    return count;
}

int mproc__forkserver_main(struct child_boot *boot, mproc_task_fn *preload)
{
    platform_handle keep[3];
    end_with_starter(boot);
    mproc__child_require(boot, run_preload(boot, preload));
    /* Its children are forked from this thread. */
    mproc__threads_warn_of_fork();
    platform_end_with_starter(false);
    mproc__child_ready(boot);
    platform_template_serve(mproc__child_template_main, NULL, keep, list_kept(boot, keep), &boot->parent);
}
