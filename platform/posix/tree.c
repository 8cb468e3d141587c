/* Killing what a process started.
 *
 * The tree is frozen from the top: a process is stopped before its children are listed, and a process with a stop
 * signal pending cannot complete a fork, so the list is complete. No number is trusted: a listed child is opened as a
 * pidfd, then asked for its parent, and then the parent's own pidfd must still be unreaped. A number that was recycled
 * on the way fails one of these.
 */
#define _GNU_SOURCE
#include "tree.h"
#include "calls.h"
#include "handle.h"
#include "linux_proc.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each level costs a few KiB of stack and a few descriptors. What lies deeper is left to the process group. */
#define DEEPEST 32

/* The list that the kernel writes may miss some when others on it are exiting. */
#define PASSES 2

struct family {
    pid_t pid;
    int pidfd; /* -1: the calling process */
    int depth;
    bool has_lists; /* whether the kernel offers /proc/PID/task/TID/children */
};

static void kill_children(struct family *family);

static bool is_child(pid_t pid, const struct family *family)
{
    struct platform__stat stat;
    return platform__stat_read(pid, &stat) && stat.parent == family->pid &&
           (family->pidfd < 0 || platform__pidfd_is_unreaped(family->pidfd));
}

static void kill_child(pid_t pid, const struct family *parent)
{
    bool locked = platform__descriptors_lock();
    int pidfd = platform__adopt_unlock(locked, platform_calls.pidfd_open(pid, 0));
    if (pidfd < 0) {
        return;
    }
    if (is_child(pid, parent)) {
        struct family family = { .pid = pid, .pidfd = pidfd, .depth = parent->depth + 1 };
        platform_calls.pidfd_send_signal(pidfd, SIGSTOP, 0);
        kill_children(&family);
        platform_calls.pidfd_send_signal(pidfd, SIGKILL, 0);
    }
    platform_handle_close(pidfd);
}

/* Goes through a text of numbers that may be cut anywhere. */
static void kill_listed(int fd, const struct family *family)
{
    char text[256];
    pid_t pid = 0;
    for (;;) {
        ssize_t length = platform_calls.read(fd, text, sizeof text);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            return;
        }
        for (ssize_t i = 0; i < length; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                pid = pid * 10 + (text[i] - '0');
            } else if (pid > 0) {
                kill_child(pid, family);
                pid = 0;
            }
        }
    }
}

static void kill_children_of_thread(int thread, void *context)
{
    struct family *family = context;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)family->pid, thread);
    int fd = platform__open(path, O_RDONLY);
    if (fd >= 0) {
        family->has_lists = true;
        kill_listed(fd, family);
        platform_handle_close(fd);
    }
}

static void kill_if_child(int pid, void *context)
{
    const struct family *family = context;
    if (is_child(pid, family)) {
        kill_child(pid, family);
    }
}

static void kill_children(struct family *family)
{
    char path[64];
    if (family->depth >= DEEPEST) {
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/task", (int)family->pid);
    for (int pass = 0; pass < PASSES; pass++) {
        platform__proc_each_number(path, kill_children_of_thread, family);
    }
    /* Kernels can be built without these lists: then every process is asked for its parent. */
    if (!family->has_lists) {
        platform__proc_each_number("/proc", kill_if_child, family);
    }
}

void platform__tree_kill_below(pid_t pid, int pidfd)
{
    struct family family = { .pid = pid, .pidfd = pidfd };
    kill_children(&family);
}

void platform__tree_kill_below_self(void)
{
    struct family family = { .pid = getpid(), .pidfd = -1 };
    kill_children(&family);
}
