/* What Linux knows about a process by its pidfd, beyond unix/os.h.
 */
#ifndef MPROC_LINUX_PROCESS_H
#define MPROC_LINUX_PROCESS_H

#include <stdbool.h>

/** Whether the pid behind the pidfd still names the same process or its zombie: not reaped, hence not recycled. Without
 * a pidfd (-1) nobody can know, and it is taken to. */
bool platform__pidfd_is_unreaped(int pidfd);

#endif
