/* How a process ended, as one number and in words. */
#ifndef MPROC_PROCESS_EXIT_CODE_H
#define MPROC_PROCESS_EXIT_CODE_H

#include "platform.h"
#include <stddef.h>

/** The exit code, the negative number of the signal, or MPROC_EXIT_UNKNOWN. */
int64_t mproc__exit_code(platform_exit how);

/** What follows "process X": "was killed by signal 9", "exited with code 3". */
void mproc__exit_text(platform_exit how, char *ret_text, size_t capacity);

#endif
