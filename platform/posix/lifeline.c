/* The thread in a child that ends the child when its parent dies. */
#define _GNU_SOURCE
#include "calls.h"
#include "error.h"
#include "linux_proc.h"
#include "thread.h"
#include "tree.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define CHECK_NS 200000000

/* One per process, written before the thread starts. */
static struct {
    int parent;
    pid_t pid;           /* 0: unknown */
    uint64_t start_time; /* 0: unknown */
    bool group;
} lifeline;

/* Descendants first: once this process is gone they are init's, and nobody finds them. */
static _Noreturn void end_family(void)
{
    platform__tree_kill_below_self();
    if (lifeline.group && getpgrp() == getpid()) {
        kill(0, SIGKILL);
    }
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
    while (parent_is_known_to_live()) {
        nanosleep(&(struct timespec){ .tv_nsec = CHECK_NS }, NULL);
    }
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
    if (lifeline.pid != 0 && platform__stat_read(lifeline.pid, &stat)) {
        lifeline.start_time = stat.start_time;
    }
}

int platform_lifeline_start(platform_handle parent, bool group)
{
    lifeline.parent = (int)parent;
    lifeline.group = group;
    /* First who it is, then whether it lives: a parent that dies in between is still noticed, and the start time that
     * was read is its own. */
    identify_parent((int)parent);
    if (platform__pidfd_is_dead((int)parent)) {
        end_family();
    }
    return platform__thread_start_detached(run_lifeline, NULL, "mproc-lifeline");
}
