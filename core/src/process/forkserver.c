/* The fork server: a template that is spawned when the first child wants it, and kept for all.
 *
 * One lock is held from the look at the server until it has answered, so that nobody lets go of it meanwhile. It
 * answers one at a time anyway. The watcher's callback takes no lock.
 */
#include "process/forkserver.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "base/options.h"
#include "family/view.h"
#include "process/exit.h"
#include "process/exit_code.h"
#include "process/forkserver_layout.h"
#include "process/handshake.h"
#include "process/launch.h"
#include "process/plan.h"
#include "process/segment.h"
#include <mproc/forkserver.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 30000

/* Replaced as a whole, so that a forked child has one or the other. */
struct preload {
    mproc_task_fn *function;
    int64_t on_error;
    int64_t timeout_ms;
    size_t size;
    unsigned char argument[];
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;
static struct preload *preload; /* NULL: none */

static struct {
    platform_template *template; /* NULL: there is none */
    struct child_segment segment;
    platform_exit how; /* valid once lost */
    _Atomic bool lost; /* set on the watcher */
} server = { .segment = CHILD_SEGMENT_NONE };

/* ---- The server ---- */

static void server_lost(platform_exit how, void *unused)
{
    (void)unused;
    mproc__child_exited(&server.segment, how);
    server.how = how;
    /* Publishes how. */
    atomic_store(&server.lost, true);
}

/* It ends with its last child. */
static void let_go(void)
{
    platform_template_free(server.template);
    mproc__child_release(&server.segment);
    server.template = NULL;
    atomic_store(&server.lost, false);
}

/* Before its exit handlers of negative priority, which are to find no child. */
static void end_server(void)
{
    platform_mutex_lock(&lock);
    let_go();
    platform_mutex_unlock(&lock);
}

static int await_server(void)
{
    int64_t timeout_ms = preload != NULL ? preload->timeout_ms : TIMEOUT_MS;
    mproc__child_close_handle(&server.segment);
    int code = mproc__child_await(&server.segment, mproc__deadline(timeout_ms));
    /* It hears nothing while it is in its preload function. */
    if (code < 0)
        platform_process_kill(platform_template_process(server.template));
    return code != MPROC_E_TIMEOUT
               ? code
               : mproc__error(code, "the fork server was not ready after %lld ms", (long long)timeout_ms);
}

static int prepare(const struct child_plan *plan)
{
    int code = mproc__child_prepare(plan, &server.segment);
    if (code < 0)
        return code;
    struct forkserver_area *area = (void *)((char *)server.segment.boot + CHILD_ROLE_OFFSET);
    area->on_error = preload != NULL ? preload->on_error : 0;
    return 0;
}

static int make_server(void)
{
    struct child_plan plan = { .role = CHILD_FORKSERVER,
                               .method = MPROC_START_SPAWN,
                               .name = "fork server",
                               /* It is none of those that lineage counts. */
                               .lineage = "",
                               .daemon = 1,
                               .role_size = sizeof(struct forkserver_area) };
    if (preload != NULL) {
        plan.function = (any_function *)preload->function;
        plan.args = (mproc_view){ preload->argument, preload->size };
    }
    int code = mproc__exit_arm(EXIT_FORKSERVER, end_server);
    if (code == 0)
        code = prepare(&plan);
    if (code == 0)
        code = mproc__child_launch_template(&plan, &server.segment, server_lost, &server.template);
    if (code == 0)
        code = await_server();
    if (code < 0)
        let_go();
    return code;
}

static int require_server(void)
{
    if (server.template != NULL && atomic_load(&server.lost)) {
        char how[64];
        mproc__exit_text(server.how, how, sizeof how);
        mproc__log(MPROC_LOG_WARNING, "the fork server %s; another one is started", how);
        let_go();
    }
    return server.template != NULL ? 0 : make_server();
}

int mproc__forkserver_launch(const struct child_plan *plan, struct child_segment *segment, platform_exit_fn *on_exit,
                             void *user, platform_process **ret_process)
{
    platform_mutex_lock(&lock);
    int code = require_server();
    if (code == 0) {
        code = mproc__child_launch(plan, segment, server.template, on_exit, user, ret_process);
        /* Its death may not have been told yet. */
        if (code == MPROC_E_PEER_DIED)
            let_go();
    }
    platform_mutex_unlock(&lock);
    return code;
}

void mproc__forkserver_adopt(void)
{
    /* What a fork has copied is forgotten, not freed. */
    platform_mutex_init(&lock);
    server.template = NULL;
    server.segment = (struct child_segment)CHILD_SEGMENT_NONE;
    atomic_store(&server.lost, false);
}

/* ---- What it begins with ---- */

static int check_options(const mproc_forkserver_options *options)
{
    if (options->on_error < MPROC_PRELOAD_FAIL || options->on_error > MPROC_PRELOAD_IGNORE)
        return mproc__error(MPROC_E_INVALID, "on_error is %lld", (long long)options->on_error);
    if (options->timeout_ms < 0)
        return mproc__error(MPROC_E_INVALID, "timeout_ms is negative: %lld", (long long)options->timeout_ms);
    if (options->args.size > 0 && options->args.data == NULL)
        return mproc__error(MPROC_E_INVALID, "args.data is NULL with %zu bytes", options->args.size);
    if (options->args.size > PTRDIFF_MAX - sizeof(struct preload))
        return mproc__error(MPROC_E_LIMIT, "an argument of %zu bytes", options->args.size);
    return platform_can_fork() ? 0
                               : mproc__error(MPROC_E_NOT_SUPPORTED, "start method forkserver; this system has spawn");
}

static int new_preload(mproc_task_fn *function, const mproc_forkserver_options *options, struct preload **ret_preload)
{
    size_t size = options->args.size;
    struct preload *made = malloc(sizeof *made + size);
    if (made == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "an argument of %zu bytes", size);
    *made = (struct preload){ .function = function,
                              .on_error = options->on_error,
                              .timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS,
                              .size = size };
    if (size > 0)
        memcpy(made->argument, options->args.data, size);
    *ret_preload = made;
    return 0;
}

_Static_assert(STRUCT_ENDS_WITH(mproc_forkserver_options, timeout_ms), "it can grow");

int mproc_set_forkserver_preload_(mproc_task_fn *function, const mproc_forkserver_options *options, size_t options_size)
{
    mproc_forkserver_options own;
    struct preload *made = NULL;
    platform_setup();
    int code = mproc__family_no_copy();
    if (code == 0)
        code = mproc__options_take(&own, sizeof own, options, options_size);
    if (code == 0)
        code = check_options(&own);
    if (code == 0 && function != NULL)
        code = new_preload(function, &own, &made);
    if (code < 0)
        return code;
    platform_mutex_lock(&lock);
    struct preload *before = preload;
    preload = made;
    let_go();
    platform_mutex_unlock(&lock);
    free(before);
    return 0;
}
