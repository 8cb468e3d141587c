/* Single events of a trace, as the viewers' format has them. */
#ifndef MPROC_MODEL_TRACE_EVENT_H
#define MPROC_MODEL_TRACE_EVENT_H

#include "model/trace_export.h"

/** Begins one, up to its name; and one that has a category and a time. */
void trace_event(struct trace_export *trace, const char *phase, uint32_t pool, int64_t lane, struct record_text name);
void trace_event_at(struct trace_export *trace, const char *phase, const char *category, uint32_t pool, int64_t lane,
                    struct record_text name, int64_t ns);

/** Adds a member to it: a time or length, a text, or the arguments' beginning, which say which attempt it is. */
void trace_add_us(struct trace_export *trace, const char *name, int64_t ns);
void trace_add_text(struct trace_export *trace, const char *name, struct record_text text);
void trace_add_number(struct trace_export *trace, uint64_t task, int64_t item, uint64_t items, uint32_t attempt);

/** Ends it. */
void trace_finish(struct trace_export *trace);

/** A peer may say anything: no length is negative, or overflows. */
int64_t trace_length_between(int64_t from_ns, int64_t to_ns);

#endif
