/* Killing what a process started.
 *
 * The tree is frozen from the top: a process is stopped before its children are listed, and a process with a stop
 * signal pending cannot complete a fork, so the list is complete. No number is trusted: a listed child is opened as a
 * pidfd, then asked for its parent, and then the parent's own pidfd must still be unreaped. A number that was recycled
 * on the way fails one of these. Where a sandbox has no pidfds, the numbers must do.
 *
 * Whoever is killed between stopping and killing leaves the stopped behind, whose lifeline is stopped too. So a tree
 * that keeps to the process group of its root, as nearly all do, is not frozen: one signal to the group takes all of
 * it, and no fork escapes that signal.
 */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "linux/process.h"
#include "unix/calls.h"
#include "unix/handle.h"
#include "unix/os.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Each level costs a few KiB of stack and a few descriptors. What lies deeper is left to the process group. */
#define DEEPEST 32

/* The list that the kernel writes may miss some when others on it are exiting. */
#define PASSES 2

struct family {
    pid_t pid;
    int pidfd; /* -1: the calling process, or one of a system without pidfds */
    int depth;
    bool has_lists; /* whether the kernel offers /proc/PID/task/TID/children */
    struct search *search;
};

/* Looks for members outside a group, and kills nobody. */
struct search {
    pid_t group;
    bool has_outsider;
};

static void visit_children(struct family *family);

static bool is_child(pid_t pid, const struct family *family, struct platform__stat *ret_stat)
{
    return platform__stat_read(pid, ret_stat) && ret_stat->parent == family->pid &&
           (family->pidfd < 0 || platform__pidfd_is_unreaped(family->pidfd));
}

static void search_below(struct family *family, const struct platform__stat *stat)
{
    if (stat->group != family->search->group)
        family->search->has_outsider = true;
    else
        visit_children(family);
}

static void kill_with_all_below(struct family *family)
{
    platform__os_process_signal(family->pidfd, family->pid, SIGSTOP);
    visit_children(family);
    platform__os_process_signal(family->pidfd, family->pid, SIGKILL);
}

static void visit_child(pid_t pid, const struct family *parent)
{
    struct platform__stat stat;
    bool locked = platform__descriptors_lock();
    int pidfd = platform__adopt_unlock(locked, platform__os_process_open(pid));
    if (pidfd < 0 && errno != ENOSYS)
        return;
    if (is_child(pid, parent, &stat)) {
        struct family family = { .pid = pid, .pidfd = pidfd, .depth = parent->depth + 1, .search = parent->search };
        if (parent->search)
            search_below(&family, &stat);
        else
            kill_with_all_below(&family);
    }
    platform_handle_close(pidfd);
}

/* Goes through a text of numbers that may be cut anywhere. */
static void visit_listed(int fd, const struct family *family)
{
    char text[256];
    pid_t pid = 0;
    for (;;) {
        ssize_t length = platform_calls.read(fd, text, sizeof text);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return;
        for (ssize_t i = 0; i < length; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                pid = pid * 10 + (text[i] - '0');
            } else if (pid > 0) {
                visit_child(pid, family);
                pid = 0;
            }
        }
    }
}

static void visit_children_of_thread(int thread, void *context)
{
    struct family *family = context;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)family->pid, thread);
    int fd = platform__open(path, O_RDONLY);
    if (fd >= 0) {
        family->has_lists = true;
        visit_listed(fd, family);
        platform_handle_close(fd);
    }
}

static void visit_if_child(int pid, void *context)
{
    const struct family *family = context;
    struct platform__stat stat;
    if (is_child(pid, family, &stat))
        visit_child(pid, family);
}

static void visit_children(struct family *family)
{
    char path[64];
    if (family->depth >= DEEPEST || (family->search && family->search->has_outsider))
        return;
    snprintf(path, sizeof path, "/proc/%d/task", (int)family->pid);
    for (int pass = 0; pass < PASSES; pass++)
        platform__proc_each_number(path, visit_children_of_thread, family);
    /* Kernels can be built without these lists: then every process is asked for its parent. */
    if (!family->has_lists)
        platform__proc_each_number("/proc", visit_if_child, family);
}

void platform__os_tree_kill_below(pid_t pid, int pidfd)
{
    struct family family = { .pid = pid, .pidfd = pidfd };
    visit_children(&family);
}

void platform__os_tree_kill_below_self(void)
{
    struct family family = { .pid = getpid(), .pidfd = -1 };
    visit_children(&family);
}

bool platform__os_tree_is_in_group(pid_t pid, int pidfd)
{
    struct search search = { .group = pid };
    struct family family = { .pid = pid, .pidfd = pidfd, .search = &search };
    visit_children(&family);
    return !search.has_outsider;
}
