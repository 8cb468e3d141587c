/* The thread in a child that ends the child when its parent dies.
 *
 * It would also keep a process going whose main thread has ended without it, by pthread_exit in a task, and nobody
 * would ever answer for the task. So the process ends with its main thread.
 */
#define _GNU_SOURCE
#include "unix/error.h"
#include "unix/os.h"
#include "unix/thread.h"
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* One per process, written before the thread starts. */
static struct {
    platform_identity parent;
    bool group;
    pid_t self;
} lifeline;

/* Descendants outside the group first: once this process is gone they are init's, and nobody finds them. */
static _Noreturn void end_family(void)
{
    bool leads_group = lifeline.group && getpgrp() == getpid();
    if (!leads_group || !platform__os_tree_is_in_group(getpid(), -1))
        platform__os_tree_kill_below_self();
    if (leads_group)
        kill(0, SIGKILL);
    kill(getpid(), SIGKILL);
    _exit(128 + SIGKILL);
}

static void run_lifeline(void *unused)
{
    (void)unused;
    int code;
    do {
        code = platform_identity_wait(&lifeline.parent, INT64_MAX);
    } while (code == 0 || code == MPROC_E_NO_MEMORY);
    end_family();
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

int platform_lifeline_start(const platform_identity *parent, bool group, bool by_first_thread)
{
    lifeline.parent = *parent;
    lifeline.group = group;
    /* Before the look at the parent, so that no death of his falls between the two. */
    if (by_first_thread)
        platform__os_end_program_with_parent();
    if (platform_identity_wait(parent, 0) > 0)
        end_family();
    int code = tie_to_main_thread();
    return code < 0 ? code : platform__thread_start_detached(run_lifeline, NULL, "mproc-lifeline");
}
