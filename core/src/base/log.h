/* The logger, as the rest of core uses it. */
#ifndef MPROC_BASE_LOG_H
#define MPROC_BASE_LOG_H

#include <mproc/log.h>

/** mproc_log, under the name that core's own messages go by. */
void mproc__log(mproc_log_level level, const char *format, ...) MPROC_PRINTF(2, 3);

/** In a child: the name of its lines from now on, and the level. Before it has other threads. */
void mproc__log_adopt(const char *process_name, mproc_log_level level);

#endif
