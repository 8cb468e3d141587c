/* Whether this process is a copy that somebody's fork has made. */
#define _GNU_SOURCE
#include "platform.h"
#include "unix/calls.h"
#include "unix/os.h"
#include "unix/process.h"
#include <unistd.h>

/* A page that the kernel empties in every child made by a fork, whoever called it. Without such pages
 * the pid is remembered instead. Relaxed: set once by each process before it starts threads that ask. */
static _Atomic(_Atomic unsigned char *) mark;
static _Atomic(pid_t) marked_pid;

static _Atomic unsigned char *make_mark(void)
{
    void *page = platform_calls.mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (platform__os_wipe_on_fork(page, (size_t)sysconf(_SC_PAGESIZE)) < 0) {
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

void platform_copy_begin(void)
{
    platform__begin_anew(NULL, 0, NULL, 0);
    platform_copy_mark();
}
