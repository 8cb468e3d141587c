/* A tool of the system's, run for what it prints. */
#ifndef MPROC_UNIX_TOOL_H
#define MPROC_UNIX_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Runs a program, found by PATH, without input and with nothing of ours open, and reads what it writes to its standard
 * output, cut at capacity - 1 and ended with a NUL. Whoever takes longer is killed. Blocks until the deadline, and for
 * the death of what was killed then. Returns whether it ran to its end with exit code 0, as far as that can be known.
 */
bool platform__tool_run(char *const arguments[], int64_t deadline_ns, char *ret_output, size_t capacity);

#endif
