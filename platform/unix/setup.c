/* The port's one-time set-up, and the small things that a process asks of itself. */
#define _GNU_SOURCE
#include "unix/setup.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/child_stdio.h"
#include "unix/error.h"
#include "unix/os.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static PLATFORM_APART char program_path[4096];

const char *platform__program_path(void)
{
    return program_path;
}

static void set_up(void)
{
    platform__os_program_path(program_path, sizeof program_path);
    platform__stdio_setup();
}

void platform_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up);
}

void platform_self_program(char *ret_path, size_t capacity)
{
    size_t length = strlen(program_path);
    snprintf(ret_path, capacity, "%s", program_path + (length < capacity ? 0 : length - capacity + 1));
}

void platform_system_name(char *ret_name, size_t capacity)
{
    struct utsname system;
    if (uname(&system) < 0)
        snprintf(ret_name, capacity, "a Unix");
    else
        snprintf(ret_name, capacity, "%s %s %s", system.sysname, system.release, system.machine);
}

/* ---- The end, and the rest ---- */

int platform_at_exit(void (*function)(void))
{
    return atexit(function) == 0 ? 0 : platform__fail_text(MPROC_E_NO_MEMORY, "atexit");
}

void platform_exit_now(int code)
{
    _exit(code);
}

void platform_child_prepare(void)
{
}

/* The hard limit, which a program cannot raise again, is what holds; so a lower one, under which the process was put,
 * is not touched. */
int platform_limit_memory(size_t bytes)
{
    struct rlimit limit;
    size_t has = platform__os_self_address_space();
    if (has > bytes)
        return platform__fail_text(MPROC_E_LIMIT, "the process has %zu bytes of address space", has);
    if (getrlimit(RLIMIT_AS, &limit) < 0)
        return platform__fail(MPROC_E_OS, "getrlimit");
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < bytes)
        return platform__fail_text(MPROC_E_LIMIT, "the system allows the process %llu bytes of address space",
                                   (unsigned long long)limit.rlim_max);
    limit.rlim_cur = limit.rlim_max = bytes;
    return platform_calls.set_limit(RLIMIT_AS, &limit) < 0 ? platform__fail(MPROC_E_OS, "setrlimit") : 0;
}

static void take_away(int number)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, number);
    while (sigtimedwait(&signals, NULL, &(struct timespec){ 0 }) < 0 && errno == EINTR) {
    }
}

/* A write to a pipe that nobody reads raises SIGPIPE in the writing thread, one to a file that may not grow SIGXFSZ. It
 * is held back meanwhile, and taken away if it was not already waiting. */
void platform_write_stderr(const char *text, size_t size)
{
    sigset_t held, before, pending;
    int error_number = errno;
    sigemptyset(&held);
    sigaddset(&held, SIGPIPE);
    sigaddset(&held, SIGXFSZ);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    int cancel = platform_cancel_hold();
    ssize_t length = write(STDERR_FILENO, text, size);
    int number = length >= 0 ? 0 : errno == EPIPE ? SIGPIPE : errno == EFBIG ? SIGXFSZ : 0;
    if (number != 0 && !sigismember(&pending, number))
        take_away(number);
    platform_cancel_release(cancel);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error_number;
}
