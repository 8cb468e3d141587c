#include "model/trace_tasks.h"

#include "model/trace_event.h"
#include "model/trace_names.h"
#include <inttypes.h>

static void add_task(struct trace_export *trace, const struct record_task_ended *task)
{
    trace_add_number(trace, task->task, task->item, task->items, task->attempt);
    export_format(&trace->out, ",\"end\":\"%s\",\"code\":%" PRId64 ",\"pid\":%" PRId64, export_end_word(task->end),
                  task->code, task->pid);
    trace_add_us(trace, "wait_us", task->wait_ns);
    trace_add_us(trace, "queued_us", task->queued_ns);
    trace_add_us(trace, "copy_us", task->copy_ns);
    trace_add_us(trace, "run_us", task->run_ns);
    trace_add_us(trace, "return_us", task->return_ns);
    trace_add_text(trace, "place", export_place_of(&trace->names, task->pool, task->function));
    trace_add_text(trace, "label", task->label);
    trace_add_text(trace, "argument", task->argument);
    trace_add_text(trace, "result", task->result);
    trace_add_text(trace, "error", task->error);
    export_format(&trace->out, "}");
}

static int64_t sum_of_lengths(int64_t one, int64_t other)
{
    one = one > 0 ? one : 0;
    other = other > 0 ? other : 0;
    return one < INT64_MAX - other ? one + other : INT64_MAX;
}

/* What was measured; of one that did not come to its end, how long it was under way. */
static int64_t length_of(const struct record_task_ended *task)
{
    int64_t measured = sum_of_lengths(task->copy_ns, task->run_ns);
    return measured > 0 ? measured : trace_length_between(task->begun_ns, task->ended_ns);
}

/* Whether there is a bar where something of this pool was submitted at this time: all of a map was at one. A table of
 * the last ones, in which a new one takes the place of whichever it finds there. */
static bool has_submit_bar(struct trace_export *trace, uint32_t pool, int64_t ns)
{
    struct trace_moment *moment = &trace->submitted[((uint64_t)ns * 0x9e3779b97f4a7c15u >> 32 ^ pool) % TRACE_MOMENTS];
    bool has = moment->pool == pool && moment->ns == ns;
    *moment = (struct trace_moment){ pool, ns };
    return has;
}

/* An arrow begins and ends in a bar. So in the lane of what is submitted there are some, of a nanosecond: too short to
 * overlap. */
static void add_submit_bar(struct trace_export *trace, const struct record_task_ended *task)
{
    if (has_submit_bar(trace, task->pool, task->submitted_ns))
        return;
    trace_event_at(trace, "X", "submit", task->pool, TRACE_LANE_SUBMITTED,
                   trace_name_of_function(trace, task->pool, task->function), task->submitted_ns);
    trace_add_us(trace, "dur", 1);
    trace_add_number(trace, task->task, task->item, task->items, task->attempt);
    export_format(&trace->out, "}");
    trace_finish(trace);
}

static void add_arrow(struct trace_export *trace, const struct record_task_ended *task, int64_t lane, int64_t begin_ns)
{
    add_submit_bar(trace, task);
    trace->arrows++;
    trace_event_at(trace, "s", "task", task->pool, TRACE_LANE_SUBMITTED, record_text_of("submitted"),
                   task->submitted_ns);
    export_format(&trace->out, ",\"id\":%" PRIu64, trace->arrows);
    trace_finish(trace);
    trace_event_at(trace, "f", "task", task->pool, lane, record_text_of("submitted"), begin_ns);
    export_format(&trace->out, ",\"id\":%" PRIu64 ",\"bp\":\"e\"", trace->arrows);
    trace_finish(trace);
}

/* It never ran: a mark where it was submitted. */
static void mark_unrun(struct trace_export *trace, const struct record_task_ended *task)
{
    trace_know_pool(trace, task->pool);
    trace_event_at(trace, "i", "task", task->pool, TRACE_LANE_SUBMITTED,
                   trace_name_of_function(trace, task->pool, task->function), task->ended_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    add_task(trace, task);
    trace_finish(trace);
}

/* Times are right to a thousandth, so that a bar may seem to begin before the one before it has ended, which viewers
 * take for something within it: it begins with that one's end then. */
static int64_t begin_in_lane(struct trace_lane *lane, int64_t begin_ns, int64_t end_ns)
{
    bool overlaps = begin_ns >= lane->begin_ns && begin_ns < lane->end_ns && end_ns > lane->end_ns;
    lane->begin_ns = overlaps ? lane->end_ns : begin_ns;
    lane->end_ns = end_ns;
    return lane->begin_ns;
}

static void add_bar(struct trace_export *trace, const struct record_task_ended *task, struct trace_lane *lane)
{
    int64_t length = length_of(task), room = trace_length_between(task->begun_ns, INT64_MAX);
    int64_t end = task->begun_ns + (length < room ? length : room);
    int64_t begin = begin_in_lane(lane, task->begun_ns, end);
    trace_event_at(trace, "X", "task", task->pool, lane->lane,
                   trace_name_of_function(trace, task->pool, task->function), begin);
    trace_add_us(trace, "dur", trace_length_between(begin, end));
    add_task(trace, task);
    trace_finish(trace);
    if (task->submitted_ns != 0 && task->submitted_ns <= begin)
        add_arrow(trace, task, lane->lane, begin);
}

void trace_take_task(struct trace_export *trace, const struct record_task_ended *task)
{
    if (task->begun_ns == 0 || task->worker < 0 || task->worker > UINT32_MAX) {
        mark_unrun(trace, task);
        return;
    }
    struct trace_lane *lane = trace_lane_of(trace, task->pool, (uint32_t)task->worker);
    if (lane == NULL)
        return;
    lane->ended_task = task->task;
    lane->ended_item = task->item;
    lane->ended_attempt = task->attempt;
    add_bar(trace, task, lane);
}
