/* How a process ended, as one number. */
#ifndef MPROC_PROCESS_EXIT_CODE_H
#define MPROC_PROCESS_EXIT_CODE_H

#include "platform.h"

/** The exit code, the negative number of the signal, or MPROC_EXIT_UNKNOWN. */
int64_t mproc__exit_code(platform_exit how);

#endif
