/* The port's one-time set-up, and the small things that a process asks of itself. */
#define _GNU_SOURCE
#include "unix/setup.h"
#include "linux/proc.h"
#include "platform.h"
#include "unix/calls.h"
#include "unix/streams.h"
#include "unix/thread.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

static char program_path[4096];

const char *platform__program_path(void)
{
    return program_path;
}

static void find_program(void)
{
    static const char gone[] = " (deleted)";
    ssize_t length = readlink("/proc/self/exe", program_path, sizeof program_path - 1);
    if (length <= 0) {
        const char *started_as = (const char *)getauxval(AT_EXECFN);
        length = started_as ? (ssize_t)strnlen(started_as, sizeof program_path - 1) : 0;
        memcpy(program_path, started_as ? started_as : "", (size_t)length);
    }
    program_path[length] = '\0';
    if ((size_t)length >= sizeof gone && !strcmp(program_path + length - (sizeof gone - 1), gone))
        program_path[length - (ssize_t)(sizeof gone - 1)] = '\0';
}

static void set_up(void)
{
    find_program();
    platform__streams_setup();
    platform__thread_setup();
}

void platform_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up);
}

/* ---- Identity ---- */

int64_t platform_self_pid(void)
{
    return getpid();
}

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
        bool dead = platform__pidfd_is_dead(pidfd);
        close(pidfd);
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

/* ---- Copies ---- */

/* A page that the kernel empties in every child made by a fork, whoever called it. Without such pages (before Linux
 * 4.14) the pid is remembered instead. Relaxed: set once by each process before it starts threads that ask. */
static _Atomic(_Atomic unsigned char *) mark;
static _Atomic(pid_t) marked_pid;

static _Atomic unsigned char *make_mark(void)
{
    void *page = platform_calls.mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (platform_calls.madvise(page, (size_t)sysconf(_SC_PAGESIZE), MADV_WIPEONFORK) < 0) {
        munmap(page, (size_t)sysconf(_SC_PAGESIZE));
        return NULL;
    }
    return page;
}

void platform_copy_mark(void)
{
    _Atomic unsigned char *page = atomic_load_explicit(&mark, memory_order_relaxed);
    if (!page) {
        page = make_mark();
        atomic_store_explicit(&mark, page, memory_order_relaxed);
    }
    if (page) {
        /* Relaxed: the byte says nothing about other memory, and only a fork changes it back. */
        atomic_store_explicit(page, 1, memory_order_relaxed);
    }
    atomic_store_explicit(&marked_pid, getpid(), memory_order_relaxed);
}

bool platform_is_copy(void)
{
    _Atomic unsigned char *page = atomic_load_explicit(&mark, memory_order_relaxed);
    if (page)
        return atomic_load_explicit(page, memory_order_relaxed) == 0;
    pid_t pid = atomic_load_explicit(&marked_pid, memory_order_relaxed);
    return pid != 0 && pid != getpid();
}

/* ---- The end, and the rest ---- */

void platform_exit_now(int code)
{
    _exit(code);
}

void platform_child_prepare(void)
{
}

/* A write to a pipe that nobody reads raises SIGPIPE in the writing thread. It is held back meanwhile, and taken away
 * if it was not already waiting. */
void platform_write_stderr(const char *text, size_t size)
{
    sigset_t pipe_signal, before, pending;
    int error_number = errno;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t length = write(STDERR_FILENO, text, size);
    if (length < 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE)) {
        while (sigtimedwait(&pipe_signal, NULL, &(struct timespec){ 0 }) < 0 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error_number;
}
