/* Exit handlers, and the end of a process.
 *
 * The order is that of the reference (multiprocessing.util._exit_function): handlers of priority 0 and above, so that
 * one can tell children to stop; then daemons are terminated and the others joined; then handlers below 0, which find
 * no child left. The first process does it in an atexit handler, a child in mproc__child_exit.
 */
#include "process/exit.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "process/child.h"
#include "process/process_table.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* How long the streams that a program has opened may take to be flushed while another thread holds one of them. */
#define FLUSH_TIMEOUT_MS 2000

struct handler {
    struct handler *next;
    mproc_exit_fn *function;
    void *user;
    int priority;
};

static platform_mutex handlers_lock = PLATFORM_MUTEX_INIT;
static struct handler *handlers; /* in the order in which they run */
static int64_t armed_pid;        /* the process that has registered end_at_exit; 0: none yet */
static _Atomic bool has_ended;

int mproc_at_exit(mproc_exit_fn *function, void *user, int priority)
{
    platform_setup();
    if (!function)
        return mproc__error(MPROC_E_INVALID, "function is NULL");
    int code = mproc__exit_arm();
    if (code < 0)
        return code;
    struct handler *handler = malloc(sizeof *handler);
    if (!handler)
        return mproc__error(MPROC_E_NO_MEMORY, "an exit handler");
    *handler = (struct handler){ .function = function, .user = user, .priority = priority };
    platform_mutex_lock(&handlers_lock);
    struct handler **place = &handlers;
    while (*place && (*place)->priority > priority)
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
    if (handler && handler->priority >= least_priority)
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
    while ((handler = take_handler(least_priority))) {
        handler->function(handler->user);
        free(handler);
    }
}

/* Once per process: a handler that calls exit() in a child comes here again by way of atexit. */
static void end_process(void)
{
    if (atomic_exchange(&has_ended, true))
        return;
    run_handlers(0);
    mproc__process_end_children();
    run_handlers(INT_MIN);
}

/* Registered handlers are inherited by fork, ours too: when a child's function calls exit(), the parent's
 * registration must not end the parent's business in it. */
static void end_at_exit(void)
{
    if (armed_pid == platform_self_pid() && !platform_is_copy())
        end_process();
}

int mproc__exit_arm(void)
{
    int code = 0;
    int64_t self = platform_self_pid();
    platform_mutex_lock(&handlers_lock);
    if (armed_pid != self) {
        if (atexit(end_at_exit) == 0)
            armed_pid = self;
        else
            code = mproc__error(MPROC_E_NO_MEMORY, "atexit");
    }
    platform_mutex_unlock(&handlers_lock);
    return code;
}

void mproc__exit_adopt(void)
{
    /* The parent's handlers are forgotten, not freed: its other threads may have been changing the list when the
     * process was forked. */
    handlers_lock = (platform_mutex)PLATFORM_MUTEX_INIT;
    handlers = NULL;
    armed_pid = 0;
    atomic_store(&has_ended, false);
}

/* Static, because the thread may outlive the wait for it. */
static struct {
    platform_mutex lock;
    platform_condition ended;
    bool has_ended;
} flush;

static void flush_in_thread(void *unused)
{
    (void)unused;
    fflush(NULL);
    platform_mutex_lock(&flush.lock);
    flush.has_ended = true;
    platform_condition_broadcast(&flush.ended);
    platform_mutex_unlock(&flush.lock);
}

static void flush_within(int64_t deadline_ns)
{
    platform_thread *thread;
    if (platform_condition_init(&flush.ended) < 0 ||
        platform_thread_start(flush_in_thread, NULL, "mproc-flush", &thread) < 0)
        return;
    platform_mutex_lock(&flush.lock);
    while (!flush.has_ended && platform_condition_wait(&flush.ended, &flush.lock, deadline_ns))
        continue;
    bool in_time = flush.has_ended;
    platform_mutex_unlock(&flush.lock);
    if (in_time)
        platform_thread_join(thread);
    else
        mproc__log(MPROC_LOG_WARNING, "ending without flushing all of stdio: another thread holds a stream");
}

void mproc__exit_flush(void)
{
    fflush(stdout);
    fflush(stderr);
    /* fflush(NULL) locks every stream in turn, also one that another thread of the function's has locked for as long
     * as it waits for input. With such threads about, it gets a thread of its own and a time limit, which the C library
     * serves well: it comes to the standard streams last. */
    if (mproc__child_other_threads())
        flush_within(mproc__deadline(FLUSH_TIMEOUT_MS));
    else
        fflush(NULL);
}

void mproc__child_exit(int code)
{
    end_process();
    mproc__exit_flush();
    platform_exit_now(code);
}
