/* What Linux knows about a process by its pidfd. */
#define _GNU_SOURCE
#include "linux/process.h"
#include "linux/proc.h"
#include "unix/calls.h"
#include "unix/os.h"
#include "unix/wait.h"
#include <errno.h>
#include <unistd.h>

#define WAIT_ATTEMPTS 3
/* P_PIDFD, which not all C libraries that the port can do with have a name for. */
#define WAIT_PIDFD ((idtype_t)3)

_Static_assert(sizeof(struct platform_pidfd_info) == 64,
               "the kernel knows the first version of the struct by its size");

/* The kernel allows it to everybody, so that EPERM too is the word of a sandbox that does not know the call. */
int platform__os_process_open(pid_t pid)
{
    int pidfd = platform_calls.pidfd_open(pid, 0);
    if (pidfd < 0 && errno == EPERM)
        errno = ENOSYS;
    return pidfd;
}

/* The pidfd alone may be had, as in valgrind. It says then at least that the number is not free yet. */
static int signal_by_number(int pidfd, pid_t pid, int number)
{
    if (pidfd < 0 || !platform__is_ready(pidfd))
        return kill(pid, number);
    errno = ESRCH;
    return -1;
}

int platform__os_process_signal(int pidfd, pid_t pid, int number)
{
    int result = pidfd >= 0 ? platform_calls.pidfd_send_signal(pidfd, number, 0) : -1;
    if (pidfd < 0 || (result < 0 && (errno == ENOSYS || errno == EPERM)))
        return signal_by_number(pidfd, pid, number);
    return result;
}

int platform__os_process_wait(int pidfd, pid_t pid, siginfo_t *ret_info, int options)
{
    int result, failures = 0;
    idtype_t kind = pidfd >= 0 ? WAIT_PIDFD : P_PID;
    id_t id = pidfd >= 0 ? (id_t)pidfd : (id_t)pid;
    do {
        *ret_info = (siginfo_t){ 0 };
        result = platform_calls.waitid(kind, id, ret_info, WEXITED | WNOHANG | options);
        /* Only ECHILD says that it is not ours to reap. To take any other failure for that would leave a zombie for
         * good, so it must be seen more than once. */
        failures += result < 0 && errno != EINTR;
    } while (result < 0 && errno != ECHILD && failures < WAIT_ATTEMPTS);
    return result;
}

bool platform__pidfd_is_unreaped(int pidfd)
{
    if (pidfd < 0)
        return true;
    /* EPERM is an answer about a process that exists: one that changed its user. ENOSYS is none. */
    return platform_calls.pidfd_send_signal(pidfd, 0, 0) == 0 || errno == EPERM || errno == ENOSYS;
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

enum platform__exit_answer platform__os_process_status(int pidfd, pid_t pid, int *ret_status)
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

bool platform__os_process_is_stopped(int pidfd, pid_t pid)
{
    struct platform__stat stat;
    return platform__stat_read(pid, &stat) && (stat.state == 'T' || stat.state == 't') &&
           platform__pidfd_is_unreaped(pidfd);
}

bool platform__os_process_memory(int pidfd, pid_t pid, size_t *ret_bytes)
{
    struct platform__size size;
    if (!platform__size_read(pid, &size))
        return false;
    *ret_bytes = size.resident;
    errno = ESRCH;
    return platform__pidfd_is_unreaped(pidfd);
}

bool platform__os_process_memory_peak(int pidfd, pid_t pid, size_t *ret_bytes)
{
    if (!platform__peak_read(pid, ret_bytes))
        return false;
    errno = ESRCH;
    return platform__pidfd_is_unreaped(pidfd);
}

size_t platform__os_self_address_space(void)
{
    struct platform__size size;
    return platform__size_read(getpid(), &size) ? size.total : 0;
}

bool platform__os_process_is_headless(int pidfd, pid_t pid)
{
    struct platform__stat stat;
    return platform__stat_read(pid, &stat) && stat.state == 'Z' && platform__pidfd_is_unreaped(pidfd);
}

void platform__os_group_kill(int pidfd, pid_t pid, bool number_is_safe)
{
    if (platform_calls.pidfd_send_signal(pidfd, SIGKILL, PLATFORM_PIDFD_SIGNAL_PROCESS_GROUP) < 0 && errno != ESRCH &&
        number_is_safe && pid > 1)
        kill(-pid, SIGKILL);
}
