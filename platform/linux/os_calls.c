/* The calls for which C libraries have no function, or one that does not fit. */
#define _GNU_SOURCE
#include "os_calls.h"
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
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

/* The kernel's numbers, which never change; given here so that its headers need not be there. */
enum { FUTEX_WAKE = 1, FUTEX_WAIT_BITSET = 9 };
#define FUTEX_BITSET_MATCH_ANY 0xffffffffu

int platform__call_sched_getaffinity(pid_t pid, size_t size, void *set)
{
    return sched_getaffinity(pid, size, set);
}

int platform__call_pidfd_open(pid_t pid, unsigned flags)
{
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

int platform__call_pidfd_send_signal(int pidfd, int number, unsigned flags)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, flags);
}

int platform__call_pidfd_get_info(int pidfd, struct platform_pidfd_info *info)
{
    /* Of another type with each C library; the kernel looks at 32 bits. */
    return ioctl(pidfd, (int)PLATFORM_PIDFD_GET_INFO, info);
}

long platform__call_futex_wait(_Atomic uint32_t *word, uint32_t expected, const struct platform_timespec *deadline)
{
    /* WAIT_BITSET, because only it takes an absolute time on the monotonic clock. No PRIVATE flag: the word is shared
     * between processes. */
    return syscall(FUTEX_CALL, word, FUTEX_WAIT_BITSET, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

long platform__call_futex_waitv(struct platform_waitv *words, unsigned count, const struct platform_timespec *deadline)
{
    return syscall(SYS_futex_waitv, words, count, 0, deadline, CLOCK_MONOTONIC);
}

void platform__futex_wake(_Atomic uint32_t *word, int count)
{
    int error_number = errno;
    syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
    errno = error_number;
}
