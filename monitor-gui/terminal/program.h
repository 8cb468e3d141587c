/* The program that the monitor was asked to start, or its own window: one at most. */
#ifndef MPROC_MONITOR_PROGRAM_H
#define MPROC_MONITOR_PROGRAM_H

#include "platform.h"

/** Starts it, with these variables, "NAME=value", in its environment beside the others; NULL: with none. Errors: those
 * of platform_program_start, with a text in platform_error_text(). */
int program_start(char **arguments, const char *const *environment, int64_t *ret_pid);

/** Whether one was started. */
bool program_is_started(void);

/** Ready once it has ended; PLATFORM_NO_HANDLE if none was started. */
platform_handle program_ended(void);

/** Waits for its end. Returns its exit status as a shell tells it: of a signal 128 and its number. */
int program_wait(void);

#endif
