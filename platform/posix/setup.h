/* What platform_setup looks up, and what else a forked child makes new.
 */
#ifndef MPROC_POSIX_SETUP_H
#define MPROC_POSIX_SETUP_H

/** The path of the running program, for a child's argv[0]. Valid after platform_setup. */
const char *platform__program_path(void);

/** In a forked child: the lock of the cache of modules. */
void platform__modules_after_fork(void);

#endif
