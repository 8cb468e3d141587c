/* What platform_setup looks up, and what else a forked child makes new.
 */
#ifndef MPROC_UNIX_SETUP_H
#define MPROC_UNIX_SETUP_H

#include <stddef.h>

/** The path of the running program, for a child's argv[0]. Valid after platform_setup. */
const char *platform__program_path(void);

/** Around a fork: brings the table of modules up to date and keeps our threads out of the dynamic linker, whose lock
 * the child could find locked for ever. The last one is for the child. */
void platform__modules_before_fork(void);
void platform__modules_after_fork_in_parent(void);
void platform__modules_after_fork(void);

/** Sees to it that the module with the library in it, a plug-in perhaps, is never unloaded: before a thread runs in it,
 * or will end by a function in it. Cheap when repeated. */
void platform__module_stay(void);

/** Bytes of thread-local variables in all modules. */
size_t platform__modules_thread_local_size(void);

#endif
