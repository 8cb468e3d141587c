/* The calls into the system that can fail, behind one table of function pointers, so that a test can make the nth of
 * them fail. Production code pays an indirect call and a look at a variable.
 *
 * The table is per process. A forked child inherits it as it is, armed or not.
 */
#ifndef MPROC_UNIX_CALLS_H
#define MPROC_UNIX_CALLS_H

#include "os_calls.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

struct rlimit;

/** X(type, name, function, parameters, arguments, failed): the member name of the table is called with parameters and
 * stands for function; failed is its value after a failure, evaluated with errno set. */
#define PLATFORM_UNIX_CALL_MAP(X)                                                                                      \
    X(int, accept, call_accept, (int fd, int flags), (fd, flags), -1)                                                  \
    X(int, bind, call_bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1)         \
    X(void *, calloc, calloc, (size_t count, size_t size), (count, size), NULL)                                        \
    X(int, connect, call_connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1)   \
    X(void *, dlopen, dlopen, (const char *path, int flags), (path, flags), NULL)                                      \
    X(void *, dlsym, dlsym, (void *module, const char *name), (module, name), NULL)                                    \
    X(int, fcntl, call_fcntl, (int fd, int command, int argument), (fd, command, argument), -1)                        \
    X(int, flock, flock, (int fd, int operation), (fd, operation), -1)                                                 \
    X(pid_t, fork, fork, (void), (), -1)                                                                               \
    X(int, fsync, fsync, (int fd), (fd), -1)                                                                           \
    X(void *, mmap, mmap, (void *address, size_t length, int protection, int flags, int fd, off_t offset),             \
      (address, length, protection, flags, fd, offset), MAP_FAILED)                                                    \
    X(int, mkdir, mkdir, (const char *path, mode_t mode), (path, mode), -1)                                            \
    X(int, open, call_open, (const char *path, int flags), (path, flags), -1)                                          \
    X(int, openat, call_openat, (int directory, const char *name, int flags), (directory, name, flags), -1)            \
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
    X(ssize_t, sendmsg, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), -1)          \
    X(int, set_limit, call_setrlimit, (int resource, const struct rlimit *limit), (resource, limit), -1)               \
    X(int, socket, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)                         \
    X(int, socketpair, socketpair, (int domain, int type, int protocol, int *ret_fds),                                 \
      (domain, type, protocol, ret_fds), -1)                                                                           \
    X(ssize_t, write, write, (int fd, const void *buffer, size_t size), (fd, buffer, size), -1)

/** With those of the port's own folder, from os_calls.h. */
#define PLATFORM_CALL_MAP(X)                                                                                           \
    PLATFORM_UNIX_CALL_MAP(X)                                                                                          \
    PLATFORM_OS_CALL_MAP(X)

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
/** The call that puts a file on its disk, and an error that it can have. */
#define PLATFORM_FLUSH_CALL  "fsync"
#define PLATFORM_FLUSH_ERROR EIO

/** How many calls the plan has seen since it was made. */
int platform_calls_count(void);

/** Drops the plan: every call works again. */
void platform_calls_reset(void);

#endif
