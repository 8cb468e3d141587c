#include "model/trace_event.h"

#include <inttypes.h>

void trace_add_us(struct trace_export *trace, const char *name, int64_t ns)
{
    uint64_t length = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    export_format(&trace->out, ",\"%s\":%s%" PRIu64 ".%03u", name, ns < 0 ? "-" : "", length / 1000,
                  (unsigned)(length % 1000));
}

void trace_add_text(struct trace_export *trace, const char *name, struct record_text text)
{
    export_format(&trace->out, ",\"%s\":", name);
    export_json(&trace->out, text);
}

void trace_event(struct trace_export *trace, const char *phase, uint32_t pool, int64_t lane, struct record_text name)
{
    export_format(&trace->out, "%s{\"ph\":\"%s\",\"pid\":%" PRIu64 ",\"tid\":%" PRId64, trace->is_begun ? ",\n" : "",
                  phase, (uint64_t)pool + 1, lane);
    trace->is_begun = true;
    trace_add_text(trace, "name", name);
}

void trace_event_at(struct trace_export *trace, const char *phase, const char *category, uint32_t pool, int64_t lane,
                    struct record_text name, int64_t ns)
{
    trace_event(trace, phase, pool, lane, name);
    export_format(&trace->out, ",\"cat\":\"%s\"", category);
    trace_add_us(trace, "ts", ns);
}

void trace_finish(struct trace_export *trace)
{
    export_format(&trace->out, "}");
}

int64_t trace_length_between(int64_t from_ns, int64_t to_ns)
{
    uint64_t length = (uint64_t)to_ns - (uint64_t)from_ns;
    return to_ns <= from_ns ? 0 : length < INT64_MAX ? (int64_t)length : INT64_MAX;
}

void trace_add_number(struct trace_export *trace, uint64_t task, int64_t item, uint64_t items, uint32_t attempt)
{
    export_format(&trace->out,
                  ",\"args\":{\"task\":%" PRIu64 ",\"item\":%" PRId64 ",\"items\":%" PRIu64 ",\"attempt\":%" PRIu32,
                  task, item, items, attempt);
}
