/* A trace as JSON, as Chrome's and Perfetto's viewers read it: a process per pool and a lane per worker, in which each
 * attempt that ran is a bar. An arrow leads to it from where it was submitted, a lane of its own; what is queued and
 * running are counters, and deaths are marks on their lanes.
 */
#include "model/trace_event.h"
#include "model/trace_names.h"
#include "model/trace_tasks.h"
#include "model/trace_workers.h"
#include <inttypes.h>
#include <stdlib.h>

static void take_counts(struct trace_export *trace, const struct record_counts *counts)
{
    trace_know_pool(trace, counts->pool);
    trace_event_at(trace, "C", "pool", counts->pool, TRACE_LANE_SUBMITTED, record_text_of("tasks"), trace->now_ns);
    export_format(&trace->out, ",\"args\":{\"queued\":%" PRIu64 ",\"running\":%" PRIu64 "}}", counts->queued,
                  counts->running);
    trace_event_at(trace, "C", "pool", counts->pool, TRACE_LANE_SUBMITTED, record_text_of("failed and died"),
                   trace->now_ns);
    export_format(&trace->out, ",\"args\":{\"failed\":%" PRIu64 ",\"deaths\":%" PRIu64 "}}", counts->failed,
                  counts->deaths);
}

/* A bar beside the lanes, from where it was submitted to where its end was told. */
static void take_map(struct trace_export *trace, const struct record_map *map)
{
    if (!map->ended || map->submitted_ns == 0)
        return;
    trace_know_pool(trace, map->pool);
    for (int i = 0; i < 2; i++) {
        int64_t ns =
            i == 0 ? map->submitted_ns : map->submitted_ns + trace_length_between(map->submitted_ns, trace->now_ns);
        trace_event_at(trace, i == 0 ? "b" : "e", "map", map->pool, TRACE_LANE_SUBMITTED,
                       trace_name_of_function(trace, map->pool, map->function), ns);
        export_format(&trace->out,
                      ",\"id\":\"map %" PRIu32 ".%" PRIu64 "\",\"args\":{\"items\":%" PRIu64 ",\"failed\":%" PRIu64
                      "}}",
                      map->pool, map->task, map->items, map->failed);
    }
}

static void take_log(struct trace_export *trace, const struct record_log *log)
{
    trace_know_pool(trace, log->pool);
    trace_event_at(trace, "i", "log", log->pool, TRACE_LANE_SUBMITTED, log->text, log->time_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    trace_finish(trace);
}

static void take_lost(struct trace_export *trace, const struct record_lost *lost)
{
    trace_know_pool(trace, lost->pool);
    trace_event_at(trace, "i", "lost", lost->pool, TRACE_LANE_SUBMITTED, record_text_of("records were lost"),
                   lost->from_ns);
    export_format(&trace->out, ",\"s\":\"p\",\"args\":{\"class\":%u,\"count\":%" PRIu64, lost->kind, lost->count);
    trace_add_us(trace, "to_us", lost->to_ns);
    export_format(&trace->out, "}}");
}

/* ---- Records ---- */

static int take(struct export *export, const struct wire_frame *frame, const union record *record)
{
    struct trace_export *trace = (struct trace_export *)export;
    trace->now_ns = frame->time_ns;
    switch (frame->type) {
    case RECORD_GREETING:
        trace_take_greeting(trace, &record->greeting);
        break;
    case RECORD_POOL:
        trace_take_pool(trace, &record->pool);
        break;
    case RECORD_FUNCTION:
        trace->code = export_names_take(&trace->names, record->function.pool, record->function.function,
                                        record->function.name, record->function.place);
        break;
    case RECORD_COUNTS:
        take_counts(trace, &record->counts);
        break;
    case RECORD_WORKER:
        trace_take_worker(trace, &record->worker);
        break;
    case RECORD_TASK_ENDED:
        trace_take_task(trace, &record->task_ended);
        break;
    case RECORD_DEATH:
        trace_take_death(trace, &record->death);
        break;
    case RECORD_MAP:
        take_map(trace, &record->map);
        break;
    case RECORD_LOG:
        take_log(trace, &record->log);
        break;
    case RECORD_LOST:
        take_lost(trace, &record->lost);
        break;
    default:
        break;
    }
    return trace->code < 0 ? trace->code : trace->out.code;
}

static int end(struct export *export)
{
    struct trace_export *trace = (struct trace_export *)export;
    for (size_t i = 0; i < trace->lanes.count; i++)
        trace_add_unfinished(trace, list_at(&trace->lanes, i));
    export_format(&trace->out, "\n]}\n");
    int code = export_flush(&trace->out);
    export_names_free(&trace->names);
    list_free(&trace->lanes);
    list_free(&trace->pools);
    free(trace);
    return code;
}

int export_trace_begin(export_write_fn *write, void *user, struct export **ret_export)
{
    struct trace_export *trace = calloc(1, sizeof *trace);
    if (trace == NULL)
        return MPROC_E_NO_MEMORY;
    trace->export = (struct export){ take, end };
    trace->lanes = LIST_OF(struct trace_lane);
    trace->pools = LIST_OF(uint32_t);
    trace->out.write = write;
    trace->out.user = user;
    export_names_init(&trace->names);
    export_format(&trace->out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    *ret_export = &trace->export;
    return 0;
}
