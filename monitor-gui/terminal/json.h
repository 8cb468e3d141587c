/* Records, and what is known from them, as JSON for other programs; docs/monitor-protocol.md names the fields. */
#ifndef MPROC_MONITOR_JSON_H
#define MPROC_MONITOR_JSON_H

#include "terminal/session.h"

/** One object on one line: "time_ns", and the members of the record. */
void json_line(void *user, const struct wire_frame *frame, const union record *record);

/** All that is known as one object: "process", "now_ns", "pools" (each with "counts", "workers", "functions", "maps"),
 * "tasks", "deaths", "objects", "waiters", "deadlocks" (sentences), "log", "losses", "lost" and "cost". */
void json_document(const struct session *session);

#endif
