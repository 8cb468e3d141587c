/* The calls that Linux adds to the table of unix/calls.h, with the types that they take. Constants and numbers are
 * given here where C libraries have none, for their headers are older than kernels.
 */
#ifndef MPROC_LINUX_OS_CALLS_H
#define MPROC_LINUX_OS_CALLS_H

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/** A 64-bit timespec, as the futex calls take it on every architecture. */
struct platform_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};

/** One word of a futex_waitv. The layout is the kernel's. */
struct platform_waitv {
    uint64_t value;
    uint64_t address;
    uint32_t flags;
    uint32_t reserved;
};

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

/** The calls for which C libraries have no function. A deadline is absolute, on the monotonic clock; NULL: none. */
long platform__call_futex_wait(_Atomic uint32_t *word, uint32_t expected, const struct platform_timespec *deadline);
long platform__call_futex_waitv(struct platform_waitv *words, unsigned count, const struct platform_timespec *deadline);
int platform__call_pidfd_get_info(int pidfd, struct platform_pidfd_info *info);
int platform__call_pidfd_open(pid_t pid, unsigned flags);
int platform__call_pidfd_send_signal(int pidfd, int number, unsigned flags);

/** A call whose declaration does not fit a table: it has a type that not every includer has. */
int platform__call_sched_getaffinity(pid_t pid, size_t size, void *set);

/** Wakes up to count sleepers. Not in the table, for it cannot fail. Leaves errno alone. Async-signal-safe. */
void platform__futex_wake(_Atomic uint32_t *word, int count);

/** As in unix/calls.h. */
#define PLATFORM_OS_CALL_MAP(X)                                                                                        \
    X(int, epoll_create1, epoll_create1, (int flags), (flags), -1)                                                     \
    X(int, epoll_ctl, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event *event),                        \
      (epoll, operation, fd, event), -1)                                                                               \
    X(int, epoll_wait, epoll_wait, (int epoll, struct epoll_event *events, int count, int timeout),                    \
      (epoll, events, count, timeout), -1)                                                                             \
    X(int, eventfd, eventfd, (unsigned value, int flags), (value, flags), -1)                                          \
    X(int, fallocate, fallocate, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length), -1)       \
    X(int, ftruncate, ftruncate, (int fd, off_t length), (fd, length), -1)                                             \
    X(long, futex_wait, platform__call_futex_wait,                                                                     \
      (_Atomic uint32_t *word, uint32_t expected, const struct platform_timespec *deadline),                           \
      (word, expected, deadline), -1)                                                                                  \
    X(long, futex_waitv, platform__call_futex_waitv,                                                                   \
      (struct platform_waitv * words, unsigned count, const struct platform_timespec *deadline),                       \
      (words, count, deadline), -1)                                                                                    \
    X(ssize_t, getrandom, getrandom, (void *buffer, size_t size, unsigned flags), (buffer, size, flags), -1)           \
    X(int, linkat, linkat, (int from_fd, const char *from, int to_fd, const char *to, int flags),                      \
      (from_fd, from, to_fd, to, flags), -1)                                                                           \
    X(int, madvise, madvise, (void *address, size_t length, int advice), (address, length, advice), -1)                \
    X(int, memfd_create, memfd_create, (const char *name, unsigned flags), (name, flags), -1)                          \
    X(int, open_new, open, (const char *path, int flags, mode_t mode), (path, flags, mode), -1)                        \
    X(int, pidfd_get_info, platform__call_pidfd_get_info, (int pidfd, struct platform_pidfd_info *info),               \
      (pidfd, info), -1)                                                                                               \
    X(int, pidfd_open, platform__call_pidfd_open, (pid_t pid, unsigned flags), (pid, flags), -1)                       \
    X(int, pidfd_send_signal, platform__call_pidfd_send_signal, (int pidfd, int number, unsigned flags),               \
      (pidfd, number, flags), -1)                                                                                      \
    X(int, sched_getaffinity, platform__call_sched_getaffinity, (pid_t pid, size_t size, void *set), (pid, size, set), \
      -1)                                                                                                              \
    X(int, unlink, unlink, (const char *path), (path), -1)                                                             \
    X(int, waitid, waitid, (idtype_t kind, id_t id, siginfo_t * info, int options), (kind, id, info, options), -1)

#endif
