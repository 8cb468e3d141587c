/* Standard output, with what went wrong remembered: a full disk or a closed pipe ends the program with an error, and
 * not with half of a document that looks whole.
 */
#ifndef MPROC_MONITOR_OUTPUT_H
#define MPROC_MONITOR_OUTPUT_H

#include <mproc/base.h>
#include <stdbool.h>
#include <stddef.h>

/** From now on a closed pipe is an error of a write, and no signal. After other programs have been started, which would
 * inherit that. */
void output_begin(void);

void output_write(const void *bytes, size_t size);
void output_format(const char *format, ...) MPROC_PRINTF(1, 2);

/** Hands over what was written. Returns false if anything could not be written, now or before: there is a text on
 * stderr then, once. */
bool output_flush(void);

/** Says something on stderr, as "mproc-monitor: TEXT", and not on the screen of a page, which is left for it. What a
 * terminal would obey is shown as a '?'. */
void output_complain(const char *format, ...) MPROC_PRINTF(1, 2);

#endif
