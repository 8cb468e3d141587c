/* The logger, as the rest of core uses it. */
#ifndef MPROC_BASE_LOG_H
#define MPROC_BASE_LOG_H

#include <mproc/log.h>

/** mproc_log, under the name that core's own messages go by. */
void mproc__log(mproc_log_level level, const char *format, ...) MPROC_PRINTF(2, 3);

/** The same whatever the level is: for what somebody has asked for who is told in no other way. */
void mproc__log_always(mproc_log_level level, const char *format, ...) MPROC_PRINTF(2, 3);

/** Is given the text of each line, without the name of the process, by the thread that writes it, which may hold any
 * lock. */
typedef void log_tap(mproc_log_level level, const char *text, size_t size);

/** From now on lines of this level and above go to the tap, whatever is written to stderr; NULL: to none. */
void mproc__log_tap(log_tap *tap, mproc_log_level level);

/** In a child: no tap, and the name of its lines from now on, and the level. Before it has other threads. */
void mproc__log_adopt(const char *process_name, mproc_log_level level);

#endif
