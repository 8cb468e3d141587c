#include "model/trace_workers.h"

#include "model/trace_event.h"
#include "model/trace_names.h"
#include <inttypes.h>
#include <mproc/stats.h>
#include <stdio.h>

static void count_memory(struct trace_export *trace, struct trace_lane *lane, uint64_t memory)
{
    char name[48];
    if (memory == lane->memory)
        return;
    lane->memory = memory;
    snprintf(name, sizeof name, "memory of worker %" PRId64, lane->lane - TRACE_LANE_OF_WORKER);
    trace_event_at(trace, "C", "worker", lane->pool, lane->lane, record_text_of(name), trace->now_ns);
    export_format(&trace->out, ",\"args\":{\"bytes\":%" PRIu64 "}}", memory);
}

void trace_take_worker(struct trace_export *trace, const struct record_worker *worker)
{
    struct trace_lane *lane = trace_lane_of(trace, worker->pool, worker->worker);
    if (lane == NULL)
        return;
    lane->worker = *worker;
    lane->worker.label = lane->worker.argument = record_text_of("");
    count_memory(trace, lane, worker->memory);
}

static void mark_death(struct trace_export *trace, const struct record_death *death, int64_t lane)
{
    trace_event_at(trace, "i", "death", death->pool, lane,
                   record_text_of(death->expected ? "worker ended" : "worker died"), death->time_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    trace_add_number(trace, death->task, death->item, death->items, death->attempt);
    export_format(&trace->out, ",\"pid\":%" PRId64 ",\"exit_code\":%" PRId64, death->pid, death->exit_code);
    trace_add_text(trace, "cause", death->cause);
    trace_add_text(trace, "function", export_name_of(&trace->names, death->pool, death->function));
    trace_add_text(trace, "label", death->label);
    trace_add_text(trace, "argument", death->argument);
    trace_add_text(trace, "stack", death->stack);
    trace_add_text(trace, "output", death->output);
    export_format(&trace->out, "}");
    trace_finish(trace);
}

/* A death is told of more than once; each is marked once, and its successor's start. */
void trace_take_death(struct trace_export *trace, const struct record_death *death)
{
    struct trace_lane *lane = trace_lane_of(trace, death->pool, death->worker);
    if (lane == NULL)
        return;
    if (death->lives > lane->died)
        mark_death(trace, death, lane->lane);
    lane->died = death->lives > lane->died ? death->lives : lane->died;
    if (death->replaced_ns == 0 || death->lives <= lane->replaced)
        return;
    lane->replaced = death->lives;
    trace_event_at(trace, "i", "death", death->pool, lane->lane, record_text_of("worker replaced"), death->replaced_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    trace_finish(trace);
}

void trace_add_unfinished(struct trace_export *trace, const struct trace_lane *lane)
{
    const struct record_worker *worker = &lane->worker;
    bool has_ended =
        worker->task == lane->ended_task && worker->item == lane->ended_item && worker->attempt == lane->ended_attempt;
    if (worker->state != MPROC_WORKER_BUSY || worker->since_ns == 0 || has_ended)
        return;
    trace_event_at(trace, "X", "task", lane->pool, lane->lane,
                   trace_name_of_function(trace, lane->pool, worker->function), worker->since_ns);
    trace_add_us(trace, "dur", trace_length_between(worker->since_ns, trace->now_ns));
    trace_add_number(trace, worker->task, worker->item, worker->items, worker->attempt);
    export_format(&trace->out, ",\"end\":\"running\",\"pid\":%" PRId64 "}", worker->pid);
    trace_finish(trace);
}
