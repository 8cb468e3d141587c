/* Lines of this process's log, from where they are written to where they are told: a ring that forgets the oldest. A
 * thread that writes a line waits for nobody but those who copy one.
 */
#ifndef MPROC_MONITOR_LOG_LINES_H
#define MPROC_MONITOR_LOG_LINES_H

#include "trace/record.h"

/** Begins to take down lines, or ends it and forgets what there is. Without memory nothing is taken down. */
void mproc__log_lines_open(void);
void mproc__log_lines_close(void);

/** Gives each line since the last call, and then how many were forgotten, if any were, by record and type as an
 * observe_sink. Not while another thread is in it. */
void mproc__log_lines_read(void (*sink)(void *user, enum record_type type, const void *record), void *user);

/** In a child, before it has other threads: forgets all, as if nothing had been opened. */
void mproc__log_lines_adopt(void);

#endif
