/* What Linux knows about a process by its pidfd. */
#define _GNU_SOURCE
#include "linux/pidfd.h"
#include "linux/proc.h"
#include "unix/calls.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct platform_pidfd_info) == 64,
               "the kernel knows the first version of the struct by its size");

bool platform__pidfd_is_dead(int pidfd)
{
    struct pollfd poll = { .fd = pidfd, .events = POLLIN };
    const struct timespec now = { 0 };
    int count;
    do {
        count = platform_calls.ppoll(&poll, 1, &now, NULL);
    } while (count < 0 && errno == EINTR);
    return count > 0 && !(poll.revents & POLLNVAL);
}

bool platform__pidfd_is_unreaped(int pidfd)
{
    /* EPERM is an answer about a process that exists: one that changed its user. */
    return platform_calls.pidfd_send_signal(pidfd, 0, 0) == 0 || errno == EPERM;
}

/* A zombie that waits for its new parent (init, or a subreaper) shows its status in /proc. The pidfd proves afterwards
 * that the number was not recycled before we read. */
static bool zombie_status(int pidfd, pid_t pid, int *ret_status)
{
    struct platform__stat stat;
    if (pid <= 0 || !platform__stat_read(pid, &stat) || stat.state != 'Z' || !platform__pidfd_is_unreaped(pidfd))
        return false;
    *ret_status = stat.exit_code;
    return true;
}

enum platform__exit_answer platform__pidfd_exit_status(int pidfd, pid_t pid, int *ret_status)
{
    struct platform_pidfd_info info = { .mask = PLATFORM_PIDFD_INFO_EXIT };
    bool asked = platform_calls.pidfd_get_info(pidfd, &info) == 0;
    if (asked && (info.mask & PLATFORM_PIDFD_INFO_EXIT)) {
        *ret_status = info.exit_code;
        return PLATFORM__EXIT_KNOWN;
    }
    if (zombie_status(pidfd, pid, ret_status))
        return PLATFORM__EXIT_KNOWN;
    return asked ? PLATFORM__EXIT_NOT_YET : PLATFORM__EXIT_NEVER;
}

void platform__pidfd_kill_group(int pidfd, pid_t pid, bool number_is_safe)
{
    if (platform_calls.pidfd_send_signal(pidfd, SIGKILL, PLATFORM_PIDFD_SIGNAL_PROCESS_GROUP) < 0 && errno != ESRCH &&
        number_is_safe && pid > 1)
        kill(-pid, SIGKILL);
}

pid_t platform__pidfd_pid(int pidfd)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    if (platform__proc_read(path, text, sizeof text) < 0)
        return 0;
    const char *line = strstr(text, "\nPid:");
    long pid = line ? strtol(line + 5, NULL, 10) : 0;
    return pid > 0 ? (pid_t)pid : 0;
}
