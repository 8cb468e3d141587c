/* The table in the terminal, drawn anew four times a second, and its keys. */
#ifndef MPROC_MONITOR_LIVE_H
#define MPROC_MONITOR_LIVE_H

#include "terminal/session.h"

/** Shows it until the user has enough. A recording goes on as it went, once. Returns an exit_status. */
int live_run(struct session *session);

#endif
