/* Who is who in a trace: pools are its processes and places of workers its lanes, each named once. */
#ifndef MPROC_MODEL_TRACE_NAMES_H
#define MPROC_MODEL_TRACE_NAMES_H

#include "model/trace_export.h"

void trace_take_greeting(struct trace_export *trace, const struct record_greeting *greeting);
void trace_take_pool(struct trace_export *trace, const struct record_pool *pool);

/** Names a pool that was not told of before what is its. */
void trace_know_pool(struct trace_export *trace, uint32_t pool);

/** The lane of a worker's place. NULL for want of memory, or because there are more than anybody could look at: such a
 * lane is left out. */
struct trace_lane *trace_lane_of(struct trace_export *trace, uint32_t pool, uint32_t worker);

struct record_text trace_name_of_function(struct trace_export *trace, uint32_t pool, uint32_t function);

#endif
