/* What the kernel says of threads. */
#define _GNU_SOURCE
#include "linux/proc.h"
#include "platform.h"
#include "unix/os.h"
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t platform_thread_id(void)
{
    return (uint64_t)syscall(SYS_gettid);
}

/* In a forked child it is the one that has forked. */
bool platform_thread_is_first(void)
{
    return syscall(SYS_gettid) == getpid();
}

int platform_thread_count(void)
{
    struct platform__stat stat;
    return platform__stat_read(getpid(), &stat) && stat.threads > 0 ? stat.threads : 1;
}

void platform__os_thread_name(const char *name)
{
    pthread_setname_np(pthread_self(), name);
}
