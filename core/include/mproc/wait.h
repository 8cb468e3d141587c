/* Waiting for several things of the operating system at once.
 */
#ifndef MPROC_WAIT_H
#define MPROC_WAIT_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A file descriptor on POSIX, a HANDLE on Windows. -1 is none on both. */
typedef intptr_t mproc_os_handle;

/** Waits until at least one handle is ready: readable (or at its end) for POSIX descriptors, signalled for Windows
 * handles. Process sentinels, pool handles, pipes and sockets (POSIX) may be mixed. There is no limit of 63.
 *
 * handles: may be NULL if count is 0.
 * ret_ready: count flags, set to 1 for each handle that is ready and 0 for the others; all that are ready are
 *     reported, not just the first. May be NULL if count is 0.
 * timeout_ms: an empty list waits this long too.
 * Returns: the number of ready handles; 0 at the time-out; MPROC_E_INVALID for a handle that is none or a NULL;
 *     MPROC_E_OS; MPROC_E_NO_MEMORY.
 * Blocks: until the time-out. Threads: any. Fork: safe.
 * Since: 0.1. Source: multiprocessing.connection.wait.
 */
MPROC_API int mproc_wait(const mproc_os_handle *handles, size_t count, int64_t timeout_ms, unsigned char *ret_ready);

#ifdef __cplusplus
}
#endif
#endif
