/* Children: starting one for a process object, knowing when it has ended, and the end of all.
 *
 * One lock guards the list and every child's state. The port's watcher takes it in child_ended, so
 * platform_process_free, which waits for child_ended, is only called without it.
 */
#include "process/children.h"
#include "base/deadline.h"
#include "base/error.h"
#include "process/crash_report.h"
#include "process/exit.h"
#include "process/exit_code.h"
#include "process/handshake.h"
#include "process/plan.h"
#include "process/segment.h"
#include "process/start.h"
#include <stdio.h>
#include <stdlib.h>

/* How long the system may take to kill a process and to say so, before we go on without the answer. */
#define DEATH_TIMEOUT_MS 10000
/* How long daemons have to act on SIGTERM at the end of this process. */
#define DAEMON_TIMEOUT_MS 5000

struct child {
    struct child *next;
    mproc_process *object; /* NULL once it was freed */
    platform_process *process;
    struct child_segment segment;
    platform_condition changed; /* ended was set */
    platform_exit how;          /* valid once ended */
    int references;             /* the object's or, without one, the list's; and one for each thread that uses it now */
    struct crash_report *crash; /* from its end on, if it was wanted */
    bool wants_crash;
    bool daemon;
    bool starting; /* the starting thread still uses the segment */
    bool dead;     /* the kernel has said so; ended follows when the segment was given back */
    bool ended;
    bool joined; /* by the end of this process, or not to be waited for */
};

static platform_mutex lock = PLATFORM_MUTEX_INIT;
static struct child *children;

/* ---- References, and the list ---- */

static void destroy_child(struct child *child)
{
    if (child->process != NULL)
        platform_process_free(child->process);
    mproc__child_release(&child->segment);
    mproc__crash_report_free(child->crash);
    platform_condition_destroy(&child->changed);
    free(child);
}

void mproc__children_hold(struct child *child)
{
    platform_mutex_lock(&lock);
    child->references++;
    platform_mutex_unlock(&lock);
}

void mproc__children_put(struct child *child)
{
    platform_mutex_lock(&lock);
    bool last = --child->references == 0;
    platform_mutex_unlock(&lock);
    if (last)
        destroy_child(child);
}

static void remove_locked(struct child *child)
{
    struct child **place = &children;
    while (*place != NULL && *place != child)
        place = &(*place)->next;
    if (*place != NULL)
        *place = child->next;
}

static struct child *take_forgotten(void)
{
    platform_mutex_lock(&lock);
    struct child *child = children;
    while (child != NULL && (child->object != NULL || !child->ended))
        child = child->next;
    if (child != NULL)
        remove_locked(child);
    platform_mutex_unlock(&lock);
    return child;
}

/* child_ended cannot do it: it runs on the watcher. */
void mproc__children_sweep(void)
{
    struct child *child;
    while ((child = take_forgotten()) != NULL)
        mproc__children_put(child);
}

void mproc__children_forget(struct child *child)
{
    platform_mutex_lock(&lock);
    child->object = NULL;
    platform_mutex_unlock(&lock);
}

void mproc__children_add(struct child *child, mproc_process *object)
{
    platform_mutex_lock(&lock);
    child->object = object;
    child->joined = object == NULL;
    child->next = children;
    children = child;
    platform_mutex_unlock(&lock);
}

/* ---- Its end ---- */

/* On the watcher. The segment goes back before joiners wake, so that whoever has joined a process finds its locks
 * known as those of a dead one. While the start is under way the segment is the starter's to give back. */
static void child_ended(platform_process *process, platform_exit how, void *user)
{
    struct child *child = user;
    mproc__child_exited(&child->segment, how);
    if (child->wants_crash)
        child->crash = mproc__crash_report_take(child->segment.boot, how, platform_process_pid(process));
    platform_mutex_lock(&lock);
    child->dead = true;
    bool release = !child->starting;
    platform_mutex_unlock(&lock);
    if (release)
        mproc__child_release(&child->segment);
    platform_mutex_lock(&lock);
    child->how = how;
    child->ended = true;
    platform_condition_broadcast(&child->changed);
    platform_mutex_unlock(&lock);
}

bool mproc__children_wait(struct child *child, int64_t deadline_ns)
{
    platform_mutex_lock(&lock);
    while (!child->ended && platform_condition_wait(&child->changed, &lock, deadline_ns))
        continue;
    bool ended = child->ended;
    platform_mutex_unlock(&lock);
    return ended;
}

bool mproc__children_ended(struct child *child)
{
    unsigned char ready = 0;
    platform_handle sentinel = platform_process_sentinel(child->process);
    if (mproc__children_wait(child, 0))
        return true;
    return platform_wait_handles(&sentinel, 1, 0, &ready) > 0 && ready &&
           mproc__children_wait(child, mproc__deadline(DEATH_TIMEOUT_MS));
}

int64_t mproc__children_exit_code(struct child *child)
{
    platform_mutex_lock(&lock);
    int64_t code = child->ended ? mproc__exit_code(child->how) : MPROC_EXIT_RUNNING;
    platform_mutex_unlock(&lock);
    return code;
}

/* Written before ended was, and not changed after. */
const char *mproc__children_stack(struct child *child)
{
    bool good = mproc__children_exit_code(child) == 0 || child->crash == NULL;
    return good ? "" : mproc__crash_report_text(child->crash);
}

platform_process *mproc__children_process(const struct child *child)
{
    return child->process;
}

int mproc__children_active(mproc_process **ret_processes, size_t capacity)
{
    size_t count = 0;
    platform_mutex_lock(&lock);
    for (struct child *child = children; child != NULL; child = child->next)
        if (child->object != NULL && !child->ended && ++count <= capacity)
            ret_processes[count - 1] = child->object;
    platform_mutex_unlock(&lock);
    return (int)count;
}

/* ---- The end of this process ---- */

static struct child *next_unjoined(bool daemon)
{
    platform_mutex_lock(&lock);
    struct child *child = children;
    while (child != NULL && (child->joined || child->daemon != daemon))
        child = child->next;
    if (child != NULL) {
        child->joined = true;
        child->references++;
    }
    platform_mutex_unlock(&lock);
    return child;
}

/* By the sentinel and not by ended: where exit handlers of a library run when the system has stopped all other
 * threads already, no watcher will say any more that a child has ended. */
static bool wait_for_sentinel(struct child *child, int64_t deadline_ns)
{
    unsigned char ready;
    platform_handle sentinel = platform_process_sentinel(child->process);
    return platform_wait_handles(&sentinel, 1, deadline_ns, &ready) != 0;
}

static void terminate_daemons(void)
{
    platform_mutex_lock(&lock);
    for (struct child *child = children; child != NULL; child = child->next)
        if (child->daemon && !child->ended)
            platform_process_terminate(child->process);
    platform_mutex_unlock(&lock);
}

static void end_children(void)
{
    struct child *child;
    terminate_daemons();
    int64_t patience_ns = mproc__deadline(DAEMON_TIMEOUT_MS);
    while ((child = next_unjoined(false)) != NULL) {
        wait_for_sentinel(child, INT64_MAX);
        mproc__children_put(child);
    }
    while ((child = next_unjoined(true)) != NULL) {
        if (!wait_for_sentinel(child, patience_ns))
            platform_process_kill(child->process);
        mproc__children_put(child);
    }
}

/* ---- Its start ---- */

static struct child *new_child(const struct child_plan *plan)
{
    struct child *child = calloc(1, sizeof *child);
    if (child == NULL || platform_condition_init(&child->changed) < 0) {
        free(child);
        mproc__error(MPROC_E_NO_MEMORY, "a process");
        return NULL;
    }
    child->references = 1;
    child->daemon = plan->daemon;
    child->wants_crash = plan->crash_reports;
    child->starting = true;
    child->segment = (struct child_segment)CHILD_SEGMENT_NONE;
    return child;
}

/* The starter is done with the segment; gives it back if child_ended came meanwhile and left that to us. */
static void end_starting(struct child *child)
{
    platform_mutex_lock(&lock);
    child->starting = false;
    bool release = child->dead;
    platform_mutex_unlock(&lock);
    if (release)
        mproc__child_release(&child->segment);
}

/* After a failed handshake no process is to be left. If the system does not confirm its death in time, the child
 * goes onto the list without an object, so that its slot is given back whenever the death is learnt of. */
static int abandon_child(struct child *child, int code)
{
    char reason[512];
    snprintf(reason, sizeof reason, "%s", mproc_last_error());
    platform_process_kill_tree(child->process);
    end_starting(child);
    bool ended = mproc__children_wait(child, mproc__deadline(DEATH_TIMEOUT_MS));
    if (ended)
        mproc__children_put(child);
    else
        mproc__children_add(child, NULL);
    return mproc__error_text(code, reason);
}

static int await_child(struct child *child, int64_t timeout_ms)
{
    mproc__child_close_handle(&child->segment);
    int code = mproc__child_await(&child->segment, mproc__deadline(timeout_ms));
    if (code == 0) {
        end_starting(child);
        return 0;
    }
    return abandon_child(child, code);
}

static int launch(struct child *child, const struct child_plan *plan)
{
    int code = mproc__child_prepare(plan, &child->segment);
    return code < 0 ? code : mproc__child_start(plan, &child->segment, NULL, child_ended, child, &child->process);
}

/* That the fork server is gone may be known only after it was asked. The next one has not had the time to be. */
static int launch_twice(struct child *child, const struct child_plan *plan)
{
    int code = launch(child, plan);
    if (code != MPROC_E_PEER_DIED)
        return code;
    mproc__child_release(&child->segment);
    code = launch(child, plan);
    return code == MPROC_E_PEER_DIED ? mproc__error(MPROC_E_START_FAILED, "the fork server died twice") : code;
}

int mproc__children_start(const struct child_plan *plan, int64_t timeout_ms, struct child **ret_child)
{
    int code = mproc__exit_arm(EXIT_CHILDREN, end_children);
    if (code < 0)
        return code;
    struct child *child = new_child(plan);
    if (child == NULL)
        return MPROC_E_NO_MEMORY;
    code = launch_twice(child, plan);
    if (code < 0) {
        mproc__children_put(child);
        return code;
    }
    code = await_child(child, timeout_ms);
    if (code == 0)
        *ret_child = child;
    return code;
}

void mproc__children_adopt(void)
{
    /* What a fork has copied is forgotten, not freed: the parent's other threads may have been changing it. */
    platform_mutex_init(&lock);
    children = NULL;
}
