/* Processes by number and start time. */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/handle.h"
#include "unix/os.h"
#include "unix/wait.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

uint64_t platform_self_start_time(void)
{
    struct platform__stat stat;
    return platform__stat_read(getpid(), &stat) ? stat.start_time : 0;
}

/* For when /proc cannot tell: no /proc, one that hides other users' processes, or no descriptor left. To call a living
 * process dead would break locks that are held, so in doubt it lives. */
static bool is_alive_by_number(pid_t pid)
{
    int pidfd = platform_calls.pidfd_open(pid, 0);
    if (pidfd >= 0) {
        bool dead = platform__is_ready(pidfd);
        platform__close(pidfd);
        return !dead;
    }
    return errno != ESRCH && (kill(pid, 0) == 0 || errno != ESRCH);
}

bool platform_is_alive(int64_t pid, uint64_t start_time)
{
    struct platform__stat stat;
    if (pid <= 0 || pid > INT32_MAX)
        return false;
    if (!platform__stat_read((pid_t)pid, &stat))
        return is_alive_by_number((pid_t)pid);
    if (start_time != 0 && stat.start_time != start_time)
        return false;
    /* A process whose first thread has ended looks like a zombie there while its other threads run. */
    return (stat.state != 'Z' && stat.state != 'X') || is_alive_by_number((pid_t)pid);
}
