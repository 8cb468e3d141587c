/* mproc_init, and mproc_begin_family: where every process of a family comes in. */
#include "init.h"
#include "base/base.h"
#include "base/error.h"
#include "base/log.h"
#include "base/ready.h"
#include "channel/message.h"
#include "family/family.h"
#include "monitor/monitor.h"
#include "platform.h"
#include "pool/job_table.h"
#include "pool/observe.h"
#include "pool/payload.h"
#include "pool/running.h"
#include "pool/worker.h"
#include "process/boot_layout.h"
#include "process/children.h"
#include "process/crash_names.h"
#include "process/enter.h"
#include "process/exit.h"
#include "process/forkserver.h"
#include "process/forkserver_main.h"
#include "process/process.h"
#include "process/process_main.h"
#include "process/self.h"
#include "process/settings.h"
#include "process/thread.h"
#include "process/threads.h"

/* In a new child, or a copy that becomes a first process, floor by floor. The family comes later, when the process
 * joins or makes it. */
static void adopt(const struct child_boot *boot)
{
    platform_copy_mark();
    platform_child_prepare();

    mproc__error_clear();
    mproc__log_adopt(boot->name, (mproc_log_level)boot->log_level);
    mproc__ready_adopt();

    mproc__settings_adopt((mproc_start_method)boot->default_method);
    mproc__threads_adopt();
    mproc__exit_adopt();
    mproc__self_adopt(boot);
    mproc__children_adopt();
    mproc__forkserver_adopt();
    mproc__crash_names_adopt();
    mproc__process_adopt();
    mproc__thread_adopt();

    mproc__job_table_adopt();
    mproc__payload_adopt();
    mproc__running_adopt();

    mproc__observe_adopt();
    mproc__monitor_adopt();
}

static const struct child_entry entry = {
    .adopt = adopt,
    .mains = { [CHILD_PROCESS] = mproc__process_main,
               [CHILD_WORKER] = mproc__worker_main,
               [CHILD_FORKSERVER] = mproc__forkserver_main },
};

/* Not inlined, because its return address is to lie in the program, also under link-time optimisation. */
NEVER_INLINE int mproc_init(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!mproc__ready_begin(RETURN_ADDRESS()))
        return 0;
    platform_setup();
    platform_copy_mark();
    mproc__observe_pool_hook = mproc__monitor_pool_made;
    mproc__child_enter(&entry);
    mproc__monitor_enter();
    return 0;
}

/* The boot that a first process would have, were it given one. */
static void adopt_as_first(void)
{
    const struct child_boot boot = { .name = "MainProcess",
                                     .log_level = mproc_get_log_level(),
                                     .default_method = mproc__chosen_start_method() };
    adopt(&boot);
}

int mproc_begin_family(void)
{
    if (!mproc__initialized())
        return mproc__error(MPROC_E_NOT_INITIALIZED, "the copy of a program has to have called it before the fork");
    if (!platform_is_copy())
        return 0;
    platform_copy_begin();
    mproc__family_leave();
    mproc__message_forget_all();
    adopt_as_first();
    mproc__monitor_enter();
    return 0;
}
