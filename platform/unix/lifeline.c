/* The thread in a child that ends the child when its parent dies.
 *
 * It would also keep a process going whose main thread has ended without it, by pthread_exit in a task, and nobody would
 * ever answer for the task. So the process ends with its main thread.
 */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "linux/tree.h"
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/thread.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define CHECK_NS 200000000

/* One per process, written before the thread starts. */
static struct {
    int parent;
    pid_t pid;           /* 0: unknown */
    uint64_t start_time; /* 0: unknown */
    bool group;
    pid_t self;
} lifeline;

/* Descendants outside the group first: once this process is gone they are init's, and nobody finds them. */
static _Noreturn void end_family(void)
{
    bool leads_group = lifeline.group && getpgrp() == getpid();
    if (!leads_group || !platform__tree_is_in_group(getpid(), -1))
        platform__tree_kill_below_self();
    if (leads_group)
        kill(0, SIGKILL);
    kill(getpid(), SIGKILL);
    _exit(128 + SIGKILL);
}

static bool parent_is_known_to_live(void)
{
    return lifeline.pid != 0 && lifeline.start_time != 0 && platform_is_alive(lifeline.pid, lifeline.start_time);
}

/* The program closed the descriptor, or even has a file of its own under that number now. */
static _Noreturn void watch_by_number(void)
{
    while (parent_is_known_to_live())
        nanosleep(&(struct timespec){ .tv_nsec = CHECK_NS }, NULL);
    end_family();
}

static void run_lifeline(void *unused)
{
    struct pollfd poll = { .fd = lifeline.parent, .events = POLLIN };
    (void)unused;
    /* Once the poll sleeps it holds on to what the descriptor stood for, so that closing it changes nothing; but any
     * return of it may be about another file. */
    while (platform_calls.ppoll(&poll, 1, NULL, NULL) < 0 && (errno == EINTR || errno == ENOMEM)) {
    }
    watch_by_number();
}

static void identify_parent(int parent)
{
    struct platform__stat stat;
    lifeline.pid = platform__pidfd_pid(parent);
    lifeline.start_time = 0;
    if (lifeline.pid != 0 && platform__stat_read(lifeline.pid, &stat))
        lifeline.start_time = stat.start_time;
}

/* A copy that the program itself has forked, with this key in it, is not ours to end. */
static void main_thread_ends(void *unused)
{
    (void)unused;
    if (lifeline.self == getpid())
        _exit(0);
}

static int tie_to_main_thread(void)
{
    /* A forked child finds its parent's key, if that was a child itself. */
    static pthread_key_t key;
    static bool has_key;
    int error = has_key ? 0 : pthread_key_create(&key, main_thread_ends);
    if (error == 0) {
        has_key = true;
        lifeline.self = getpid();
        error = pthread_setspecific(key, &lifeline);
    }
    return error == 0 ? 0 : platform__fail_number(MPROC_E_OS, "pthread_key_create", error);
}

int platform_lifeline_start(platform_handle parent, bool group)
{
    lifeline.parent = (int)parent;
    lifeline.group = group;
    /* First who it is, then whether it lives: a parent that dies in between is still noticed, and the start time that
     * was read is its own. */
    identify_parent((int)parent);
    if (platform__pidfd_is_dead((int)parent))
        end_family();
    int code = tie_to_main_thread();
    return code < 0 ? code : platform__thread_start_detached(run_lifeline, NULL, "mproc-lifeline");
}
