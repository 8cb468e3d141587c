/* Events, as eventfds. */
#define _GNU_SOURCE
#include "unix/calls.h"
#include "unix/error.h"
#include "unix/handle.h"
#include <errno.h>

int platform_event_create(platform_handle *ret_event)
{
    bool locked = platform__descriptors_lock();
    int event = platform__adopt_unlock(locked, platform_calls.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (event < 0)
        return platform__fail(MPROC_E_OS, "eventfd");
    *ret_event = event;
    return 0;
}

void platform_event_set(platform_handle event)
{
    /* The one way to fail is a counter at its limit, and then the event is set already. */
    int cancel = platform_cancel_hold();
    while (eventfd_write((int)event, 1) < 0 && errno == EINTR) {
    }
    platform_cancel_release(cancel);
}

void platform_event_clear(platform_handle event)
{
    eventfd_t count;
    int cancel = platform_cancel_hold();
    while (eventfd_read((int)event, &count) < 0 && errno == EINTR) {
    }
    platform_cancel_release(cancel);
}
