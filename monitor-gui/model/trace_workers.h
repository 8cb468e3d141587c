/* Workers in a trace: their memory, their deaths, and what they were at when the records ended. */
#ifndef MPROC_MODEL_TRACE_WORKERS_H
#define MPROC_MODEL_TRACE_WORKERS_H

#include "model/trace_export.h"

void trace_take_worker(struct trace_export *trace, const struct record_worker *worker);
void trace_take_death(struct trace_export *trace, const struct record_death *death);

/** What still ran when the records ended. */
void trace_add_unfinished(struct trace_export *trace, const struct trace_lane *lane);

#endif
