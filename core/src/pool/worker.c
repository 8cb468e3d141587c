/* The role of a worker in a process of its own: what it needs is found, its start is answered, and what it serves is
 * served until it is told to exit. */
#include "pool/worker.h"
#include "base/error.h"
#include "base/function.h"
#include "base/log.h"
#include "memory/object.h"
#include "pool/module_table.h"
#include "pool/ring_layout.h"
#include "pool/serve.h"
#include "process/boot_layout.h"
#include "process/crash_record.h"
#include "process/handshake.h"
#include "process/lifeline.h"
#include <limits.h>
#include <mproc/init.h>
#include <stdio.h>

static mproc_task_fn *exit_hook_of(const struct worker_area *area)
{
    any_function *hook;
    const struct function_ref *ref = &area->settings.exit_hook;
    if (ref->module == 0)
        return NULL;
    if (mproc__module_table_find(&area->modules, ref, &hook) == 0)
        return (mproc_task_fn *)hook;
    mproc__log(MPROC_LOG_WARNING, "the exit hook cannot run: %s", mproc_last_error());
    return NULL;
}

static int limit_address_space(const struct worker_area *area)
{
    uint64_t bytes = area->settings.address_space;
    if (bytes == 0)
        return 0;
    char what[64];
    snprintf(what, sizeof what, "max_worker_address_space = %llu", (unsigned long long)bytes);
    int code = platform_limit_memory((size_t)bytes);
    return code < 0 ? mproc__error_platform(code, what) : 0;
}

/* Before anything of the program's runs. */
static int redirect_output(const struct worker_area *area, const struct child_boot *boot)
{
    const platform_store store = { .scope = (platform_handle)boot->store, .keeper = boot->parent.pid };
    mproc_os_handle writer;
    if (!area->output.piped)
        return 0;
    int code = platform_parcel_copy(&store, &area->output.writer, &writer);
    if (code == 0)
        code = platform_self_redirect_to(PLATFORM_STDERR, writer);
    return code < 0 ? mproc__error_platform(code, "a pipe for standard error") : 0;
}

/* After all else that runs at the end, exit handlers of tasks included, which may have ended it in their own way. */
static void end_descendants(void *unused)
{
    (void)unused;
    platform_kill_descendants();
}

int mproc__worker_main(struct child_boot *boot, mproc_task_fn *initializer)
{
    /* Before READY, for which a worker takes long anyway: its pool wants to hear of every failure. */
    mproc__child_require(boot, mproc__lifeline_start(boot));
    mproc__child_require(boot, mproc_at_exit(end_descendants, NULL, INT_MIN));
    struct worker_area *area = (struct worker_area *)((unsigned char *)boot + CHILD_ROLE_OFFSET);
    void *shared;
    mproc__child_require(boot, mproc__object_find(FAMILY_POOL, area->settings.pool_id, &shared));
    mproc__child_require(boot, redirect_output(area, boot));
    mproc__child_require(boot, limit_address_space(area));
    struct serve_means means = {
        .find = mproc__module_table_find,
        .take = platform_parcel_copy,
        .store = { .scope = (platform_handle)boot->store, .keeper = boot->parent.pid },
    };
    struct worker_self *self = mproc__serve_new(area, shared, &means);
    if (self == NULL)
        mproc__child_fail(boot, mproc__error(MPROC_E_NO_MEMORY, "a worker"));
    mproc_view args = { (unsigned char *)boot + boot->argument_offset, boot->argument_size };
    /* Without an initializer no start waits for it. With one once more, for what that has closed or set. */
    if (initializer != NULL)
        mproc__crash_record_begin(boot, &shared);
    mproc__child_require(boot, mproc__serve_begin(self, initializer, args));
    mproc__child_ready(boot);
    mproc__serve_report(self);
    mproc__crash_record_begin(boot, &shared);
    mproc__serve(self);
    mproc__serve_end(self, exit_hook_of(area));
    mproc__serve_free(self);
    return 0;
}
