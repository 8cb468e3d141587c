/* Waiting for one descriptor, or for a moment, for the port itself.
 */
#ifndef MPROC_UNIX_WAIT_H
#define MPROC_UNIX_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/** Whether a descriptor is ready to be read, or its other end gone. Does not block. */
bool platform__is_ready(int fd);

/** Sleeps so long, or until a signal. No cancellation point. */
void platform__pause(int64_t ns);

#endif
