/* Waiting for one descriptor, for the port itself.
 */
#ifndef MPROC_UNIX_WAIT_H
#define MPROC_UNIX_WAIT_H

#include <stdbool.h>

/** Whether a descriptor is ready to be read, or its other end gone. Does not block. */
bool platform__is_ready(int fd);

#endif
