/* What a worker calls the task that it runs: one line of shared memory, read while it is written, and when the worker
 * is dead.
 */
#ifndef MPROC_TRACE_LABEL_H
#define MPROC_TRACE_LABEL_H

#include "trace/label_layout.h"
#include <stddef.h>

/** The task with that mark, which is not 0, is called so; cut to fit, at the end of a character. One writer. */
void mproc__label_write(struct label_line *line, uint32_t mark, const char *text, size_t size);
/** Copies what the task with that mark is called to LABEL_BYTES and returns the size, without a zero; 0 if it is
 * called nothing, or what it is called is just being changed. */
size_t mproc__label_read(const struct label_line *line, uint32_t mark, char *ret_text);

#endif
