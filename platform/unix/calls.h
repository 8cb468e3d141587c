/* The system calls of this port that can fail, behind one table of function pointers, so that a test can make the nth
 * of them fail. Production code pays an indirect call and a look at a variable.
 *
 * The table is per process. A forked child inherits it as it is, armed or not.
 */
#ifndef MPROC_UNIX_CALLS_H
#define MPROC_UNIX_CALLS_H

#include "linux/pidfd.h"
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

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

/** X(type, name, function, parameters, arguments, failed): the member name of the table is called with parameters and
 * stands for function; failed is its value after a failure, evaluated with errno set. */
#define PLATFORM_CALL_MAP(X)                                                                                           \
    X(void *, calloc, calloc, (size_t count, size_t size), (count, size), NULL)                                        \
    X(int, connect, call_connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1)   \
    X(void *, dlopen, dlopen, (const char *path, int flags), (path, flags), NULL)                                      \
    X(void *, dlsym, dlsym, (void *module, const char *name), (module, name), NULL)                                    \
    X(int, epoll_create1, epoll_create1, (int flags), (flags), -1)                                                     \
    X(int, epoll_ctl, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event *event),                        \
      (epoll, operation, fd, event), -1)                                                                               \
    X(int, epoll_wait, epoll_wait, (int epoll, struct epoll_event *events, int count, int timeout),                    \
      (epoll, events, count, timeout), -1)                                                                             \
    X(int, eventfd, eventfd, (unsigned value, int flags), (value, flags), -1)                                          \
    X(int, fallocate, fallocate, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length), -1)       \
    X(int, fcntl, call_fcntl, (int fd, int command, int argument), (fd, command, argument), -1)                        \
    X(pid_t, fork, fork, (void), (), -1)                                                                               \
    X(int, flock, flock, (int fd, int operation), (fd, operation), -1)                                                 \
    X(int, ftruncate, ftruncate, (int fd, off_t length), (fd, length), -1)                                             \
    X(long, futex_wait, call_futex_wait,                                                                               \
      (_Atomic uint32_t *word, uint32_t expected, const struct platform_timespec *deadline),                           \
      (word, expected, deadline), -1)                                                                                  \
    X(long, futex_waitv, call_futex_waitv,                                                                             \
      (struct platform_waitv * words, unsigned count, const struct platform_timespec *deadline),                       \
      (words, count, deadline), -1)                                                                                    \
    X(ssize_t, getrandom, getrandom, (void *buffer, size_t size, unsigned flags), (buffer, size, flags), -1)           \
    X(int, linkat, linkat, (int from_fd, const char *from, int to_fd, const char *to, int flags),                      \
      (from_fd, from, to_fd, to, flags), -1)                                                                           \
    X(int, madvise, madvise, (void *address, size_t length, int advice), (address, length, advice), -1)                \
    X(int, memfd_create, memfd_create, (const char *name, unsigned flags), (name, flags), -1)                          \
    X(void *, mmap, mmap, (void *address, size_t length, int protection, int flags, int fd, off_t offset),             \
      (address, length, protection, flags, fd, offset), MAP_FAILED)                                                    \
    X(int, open, call_open, (const char *path, int flags), (path, flags), -1)                                          \
    X(int, open_new, open, (const char *path, int flags, mode_t mode), (path, flags, mode), -1)                        \
    X(int, pidfd_get_info, call_pidfd_get_info, (int pidfd, struct platform_pidfd_info *info), (pidfd, info), -1)      \
    X(int, pidfd_open, call_pidfd_open, (pid_t pid, unsigned flags), (pid, flags), -1)                                 \
    X(int, pidfd_send_signal, call_pidfd_send_signal, (int pidfd, int number, unsigned flags), (pidfd, number, flags), \
      -1)                                                                                                              \
    X(int, posix_spawn, posix_spawn,                                                                                   \
      (pid_t * ret_pid, const char *path, const posix_spawn_file_actions_t *actions,                                   \
       const posix_spawnattr_t *attributes, char *const *arguments, char *const *environment),                         \
      (ret_pid, path, actions, attributes, arguments, environment), errno)                                             \
    X(int, ppoll, ppoll, (struct pollfd * polls, nfds_t count, const struct timespec *timeout, const sigset_t *mask),  \
      (polls, count, timeout, mask), -1)                                                                               \
    X(int, pthread_create, pthread_create,                                                                             \
      (pthread_t * ret_thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument),           \
      (ret_thread, attributes, function, argument), errno)                                                             \
    X(ssize_t, read, read, (int fd, void *buffer, size_t size), (fd, buffer, size), -1)                                \
    X(ssize_t, recvmsg, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags), -1)                \
    X(int, sched_getaffinity, sched_getaffinity, (pid_t pid, size_t size, cpu_set_t * set), (pid, size, set), -1)      \
    X(ssize_t, sendmsg, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), -1)          \
    X(int, socket, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)                         \
    X(int, socketpair, socketpair, (int domain, int type, int protocol, int *ret_fds),                                 \
      (domain, type, protocol, ret_fds), -1)                                                                           \
    X(int, unlink, unlink, (const char *path), (path), -1)                                                             \
    X(int, waitid, waitid, (idtype_t kind, id_t id, siginfo_t * info, int options), (kind, id, info, options), -1)

/** The table. A test may put functions of its own into it before other threads run. */
struct platform_calls {
#define PLATFORM_CALL_MEMBER(type, name, function, parameters, arguments, failed) type(*name) parameters;
    PLATFORM_CALL_MAP(PLATFORM_CALL_MEMBER)
#undef PLATFORM_CALL_MEMBER
};

extern struct platform_calls platform_calls;

/** Makes the nth next call of this name (from 1), or the nth call of any name if NULL, fail with error_number in this
 * process, once. nth 0 makes none fail and only counts. Replaces an earlier plan.
 * Returns 0, or MPROC_E_INVALID for a name that is not in the table. */
int platform_calls_fail_nth(const char *call_name, int nth, int error_number);

/** How many calls the plan has seen since it was made. */
int platform_calls_count(void);

/** Drops the plan: every call works again. */
void platform_calls_reset(void);

#endif
