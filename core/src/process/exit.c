/* Exit handlers, and the end of a process.
 *
 * The order is that of the reference (multiprocessing.util._exit_function): handlers of priority 0 and above, so that
 * one can tell children to stop; then threads, which may start children, are joined but for daemons; then daemon
 * processes are terminated and the others joined, and the fork server is let go; then handlers below 0, which find no
 * child left. The first process does it in an atexit handler, a child in mproc__child_exit.
 */
#include "process/exit.h"
#include "base/error.h"
#include "family/view.h"
#include "platform.h"
#include "process/flush.h"
#include <limits.h>
#include <mproc/init.h>
#include <stdlib.h>
#include <string.h>

struct handler {
    struct handler *next;
    mproc_exit_fn *function;
    void *user;
    int priority;
};

static platform_mutex handlers_lock = PLATFORM_MUTEX_INIT;
static struct handler *handlers;       /* in the order in which they run */
static int64_t armed_pid;              /* the process that has registered end_at_exit; 0: none yet */
static void (*ends[EXIT_PARTS])(void); /* NULL while there are none */
static _Atomic bool ended;

int mproc_at_exit(mproc_exit_fn *function, void *user, int priority)
{
    platform_setup();
    if (function == NULL)
        return mproc__error_null("function");
    int code = mproc__family_no_copy();
    if (code == 0)
        code = mproc__exit_arm(EXIT_CHILDREN, NULL);
    if (code < 0)
        return code;
    struct handler *handler = malloc(sizeof *handler);
    if (handler == NULL)
        return mproc__error(MPROC_E_NO_MEMORY, "an exit handler");
    *handler = (struct handler){ .function = function, .user = user, .priority = priority };
    platform_mutex_lock(&handlers_lock);
    struct handler **place = &handlers;
    while (*place != NULL && (*place)->priority > priority)
        place = &(*place)->next;
    handler->next = *place;
    *place = handler;
    platform_mutex_unlock(&handlers_lock);
    return 0;
}

static struct handler *take_handler(int least_priority)
{
    platform_mutex_lock(&handlers_lock);
    struct handler *handler = handlers;
    if (handler != NULL && handler->priority >= least_priority)
        handlers = handler->next;
    else
        handler = NULL;
    platform_mutex_unlock(&handlers_lock);
    return handler;
}

/* One at a time and outside the lock: a handler may register another one, which then runs in its turn. */
static void run_handlers(int least_priority)
{
    struct handler *handler;
    while ((handler = take_handler(least_priority)) != NULL) {
        handler->function(handler->user);
        free(handler);
    }
}

static void end_part(enum exit_part part)
{
    platform_mutex_lock(&handlers_lock);
    void (*end)(void) = ends[part];
    platform_mutex_unlock(&handlers_lock);
    if (end != NULL)
        end();
}

/* Once per process: a handler that calls exit() in a child comes here again by way of atexit. */
static void end_process(void)
{
    if (atomic_exchange(&ended, true))
        return;
    run_handlers(0);
    for (enum exit_part part = 0; part < EXIT_PARTS; part++)
        end_part(part);
    run_handlers(INT_MIN);
}

/* Registered handlers are inherited by fork, ours too: when a child's function calls exit(), the parent's
 * registration must not end the parent's business in it. */
static void end_at_exit(void)
{
    if (armed_pid == platform_self_pid() && !platform_is_copy())
        end_process();
}

int mproc__exit_arm(enum exit_part part, void (*end)(void))
{
    int code = 0;
    int64_t self = platform_self_pid();
    platform_mutex_lock(&handlers_lock);
    if (end != NULL)
        ends[part] = end;
    if (armed_pid != self) {
        code = platform_at_exit(end_at_exit);
        if (code == 0)
            armed_pid = self;
        else
            code = mproc__error_platform(code, "an exit handler");
    }
    platform_mutex_unlock(&handlers_lock);
    return code;
}

void mproc__exit_adopt(void)
{
    /* The parent's handlers are forgotten, not freed: its other threads may have been changing the list when the
     * process was forked. */
    platform_mutex_init(&handlers_lock);
    handlers = NULL;
    armed_pid = 0;
    memset(ends, 0, sizeof ends);
    atomic_store(&ended, false);
}

void mproc__child_exit(int code)
{
    /* The function in whose frame the base lay has returned. */
    platform_crash_base(&code);
    end_process();
    mproc__flush_stdio();
    platform_exit_now(code);
}
