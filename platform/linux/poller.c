/* Sets of descriptors to wait for, by epoll. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/os.h"

int platform__os_poller_open(void)
{
    return platform_calls.epoll_create1(EPOLL_CLOEXEC);
}

int platform__os_poller_add(int poller, int fd, void *pointer)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = pointer };
    return platform_calls.epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

void platform__os_poller_remove(int poller, int fd)
{
    epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
}

/* One at a time: handling one may free what the pointer of another points at. */
int platform__os_poller_wait(int poller, int timeout_ms, void **ret_pointer)
{
    struct epoll_event event;
    int count = platform_calls.epoll_wait(poller, &event, 1, timeout_ms);
    if (count > 0)
        *ret_pointer = event.data.ptr;
    return count;
}
