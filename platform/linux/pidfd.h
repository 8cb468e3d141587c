/* What Linux knows about a process by its pidfd, beyond opening it and sending signals.
 */
#ifndef MPROC_LINUX_PIDFD_H
#define MPROC_LINUX_PIDFD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

/** The answer to PIDFD_GET_INFO (Linux 6.13, the exit code since 6.15), in its first published size. Declared here
 * because C libraries' headers are older than kernels. */
struct platform_pidfd_info {
    uint64_t mask;
    uint64_t cgroup_id;
    uint32_t pid;
    uint32_t tgid;
    uint32_t parent_pid;
    uint32_t real_uid, real_gid, effective_uid, effective_gid, saved_uid, saved_gid, fs_uid, fs_gid;
    int32_t exit_code;
};

#define PLATFORM_PIDFD_GET_INFO             _IOWR(0xFF, 11, struct platform_pidfd_info)
#define PLATFORM_PIDFD_INFO_EXIT            ((uint64_t)1 << 3)
#define PLATFORM_PIDFD_SIGNAL_PROCESS_GROUP (1u << 2)

/** What the kernel can say about an exit status that somebody else reaped. */
enum platform__exit_answer { PLATFORM__EXIT_KNOWN, PLATFORM__EXIT_NOT_YET, PLATFORM__EXIT_NEVER };

/** Whether the pidfd is ready, which means that its process has died. Does not block. */
bool platform__pidfd_is_dead(int pidfd);

/** Whether the pid behind the pidfd still names the same process or its zombie: not reaped, hence not recycled. */
bool platform__pidfd_is_unreaped(int pidfd);

/** The wait status of a dead process that is not, or no longer, ours to reap. NOT_YET: it is about to be reaped. */
enum platform__exit_answer platform__pidfd_exit_status(int pidfd, pid_t pid, int *ret_status);

/** Kills the process group that the process leads. Kernels before 6.9 can name the group only by number: there this
 * does nothing unless number_is_safe says that the leader is unreaped, so that the number cannot have been recycled. */
void platform__pidfd_kill_group(int pidfd, pid_t pid, bool number_is_safe);

/** The pid that a pidfd stands for, or 0 if that cannot be found out. */
pid_t platform__pidfd_pid(int pidfd);

#endif
