/* Tasks in a trace: a bar in their worker's lane, and an arrow from where they were submitted. */
#ifndef MPROC_MODEL_TRACE_TASKS_H
#define MPROC_MODEL_TRACE_TASKS_H

#include "model/trace_export.h"

void trace_take_task(struct trace_export *trace, const struct record_task_ended *task);

#endif
