/* Waiting for one descriptor, or for a moment, for the port itself.
 */
#ifndef MPROC_UNIX_WAIT_H
#define MPROC_UNIX_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether a descriptor is ready to be read, or its other end gone. Does not block. */
bool platform__is_ready(int fd);

/** poll with a deadline as platform_wait_handles has it, and with EINTR retried. Returns -1 with errno set. */
int platform__poll_until(struct pollfd *polls, size_t count, int64_t deadline_ns);

/** Sleeps so long, or until a signal. No cancellation point. */
void platform__pause(int64_t ns);

#endif
