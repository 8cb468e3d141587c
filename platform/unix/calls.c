/* The table of system calls, and the plan that makes one of them fail. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mproc/base.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of calls that are younger than some C libraries. They are the same on every architecture but alpha. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
/* 32-bit architectures have a futex call of their own for 64-bit times. */
#ifdef SYS_futex
#define FUTEX_CALL SYS_futex
#endif
#if __SIZEOF_LONG__ == 4 && defined(SYS_futex_time64)
#undef FUTEX_CALL
#define FUTEX_CALL SYS_futex_time64
#endif

/* Its declaration in the C library takes any kind of address. */
static int call_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    return connect(fd, address, size);
}

static int call_fcntl(int fd, int command, int argument)
{
    return fcntl(fd, command, argument);
}

static int call_open(const char *path, int flags)
{
    return open(path, flags);
}

static int call_pidfd_open(pid_t pid, unsigned flags)
{
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

static int call_pidfd_send_signal(int pidfd, int number, unsigned flags)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, flags);
}

static int call_pidfd_get_info(int pidfd, struct platform_pidfd_info *info)
{
    return ioctl(pidfd, PLATFORM_PIDFD_GET_INFO, info);
}

static long call_futex_wait(_Atomic uint32_t *word, uint32_t expected, const struct platform_timespec *deadline)
{
    /* WAIT_BITSET, because only it takes an absolute time on the monotonic clock. No PRIVATE flag: the word is shared
     * between processes. */
    return syscall(FUTEX_CALL, word, FUTEX_WAIT_BITSET, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

static long call_futex_waitv(struct platform_waitv *words, unsigned count, const struct platform_timespec *deadline)
{
    return syscall(SYS_futex_waitv, words, count, 0, deadline, CLOCK_MONOTONIC);
}

/* The numbers of the calls, in the order of the table. */
enum call_number {
#define CALL_NUMBER(type, name, function, parameters, arguments, failed) CALL_##name,
    PLATFORM_CALL_MAP(CALL_NUMBER)
#undef CALL_NUMBER
        NO_CALL = -1,
    ANY_CALL = -2
};

/* Relaxed everywhere: a test makes the plan before the calls that it is meant for, and nothing is published by it. */
static struct {
    _Atomic int number; /* the call that is counted */
    _Atomic int seen;
    _Atomic int nth;
    _Atomic int error_number;
} plan = { .number = NO_CALL };

static bool count_call(enum call_number planned, enum call_number number)
{
    if (planned != ANY_CALL && planned != number)
        return false;
    int seen = atomic_fetch_add_explicit(&plan.seen, 1, memory_order_relaxed) + 1;
    if (seen != atomic_load_explicit(&plan.nth, memory_order_relaxed))
        return false;
    errno = atomic_load_explicit(&plan.error_number, memory_order_relaxed);
    return true;
}

static inline bool must_fail(enum call_number number)
{
    int planned = atomic_load_explicit(&plan.number, memory_order_relaxed);
    return __builtin_expect(planned != NO_CALL, 0) && count_call(planned, number);
}

#define CALL_FUNCTION(type, name, function, parameters, arguments, failed)                                             \
    static type planned_##name parameters                                                                              \
    {                                                                                                                  \
        return must_fail(CALL_##name) ? (failed) : function arguments;                                                 \
    }
PLATFORM_CALL_MAP(CALL_FUNCTION)
#undef CALL_FUNCTION

struct platform_calls platform_calls = {
#define CALL_MEMBER(type, name, function, parameters, arguments, failed) .name = planned_##name,
    PLATFORM_CALL_MAP(CALL_MEMBER)
#undef CALL_MEMBER
};

static int number_of(const char *name)
{
    static const char *const names[] = {
#define CALL_NAME(type, name, function, parameters, arguments, failed) #name,
        PLATFORM_CALL_MAP(CALL_NAME)
#undef CALL_NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return (int)i;
    return NO_CALL;
}

void platform_calls_reset(void)
{
    atomic_store_explicit(&plan.number, NO_CALL, memory_order_relaxed);
}

int platform_calls_count(void)
{
    return atomic_load_explicit(&plan.seen, memory_order_relaxed);
}

int platform_calls_fail_nth(const char *call_name, int nth, int error_number)
{
    int number = call_name ? number_of(call_name) : ANY_CALL;
    if (number == NO_CALL)
        return MPROC_E_INVALID;
    platform_calls_reset();
    atomic_store_explicit(&plan.seen, 0, memory_order_relaxed);
    atomic_store_explicit(&plan.nth, nth, memory_order_relaxed);
    atomic_store_explicit(&plan.error_number, error_number, memory_order_relaxed);
    atomic_store_explicit(&plan.number, number, memory_order_relaxed);
    return 0;
}
