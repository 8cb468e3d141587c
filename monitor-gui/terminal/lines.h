/* The watching as plain lines, for logs and pipes: one per pool and second in which something was done, one for each
 * death, failed task, deadlock, log line and loss.
 */
#ifndef MPROC_MONITOR_LINES_H
#define MPROC_MONITOR_LINES_H

#include "terminal/session.h"

/** Returns an exit_status. */
int lines_run(struct session *session);

#endif
