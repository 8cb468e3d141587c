/* A trace as JSON, as Chrome's and Perfetto's viewers read it: a process per pool and a lane per worker, in which each
 * attempt that ran is a bar. An arrow leads to it from where it was submitted, a lane of its own; what is queued and
 * running are counters, and deaths are marks on their lanes.
 *
 * Numbers of processes are not those of the system, of which a pool of threads has one with its program: the program is
 * process 1, pool N is N + 1. Times are microseconds of the watched process's clock.
 */
#include "model/export_names.h"
#include "model/export_out.h"
#include <inttypes.h>
#include <mproc/stats.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM        0u /* as a pool: what belongs to none */
#define LANE_SUBMITTED 1
#define LANE_OF_WORKER 2 /* of the first */
#define LANES_MAX      4096u
#define MOMENTS        1024u

/* What was written of a worker's place already. */
struct trace_lane {
    uint32_t pool;
    int64_t lane;
    uint64_t died, replaced;     /**< lives that are marked */
    int64_t begin_ns, end_ns;    /**< of the last bar */
    uint64_t memory;             /**< as it was counted last */
    struct record_worker worker; /**< as it was told of last; without texts */
    uint64_t ended_task;
    int64_t ended_item;
    uint32_t ended_attempt;
};

/* When something was submitted. */
struct trace_moment {
    uint32_t pool;
    int64_t ns;
};

struct trace_export {
    struct export export;
    struct export_names names;
    struct list lanes, pools; /**< of struct trace_lane; of uint32_t, those that are named */
    size_t last_lane;
    struct trace_moment submitted[MOMENTS];
    uint64_t arrows;
    int64_t now_ns; /**< when the last record was written */
    bool is_begun;
    int code; /**< want of memory */
    struct export_out out;
};

/* ---- One event ---- */

static void add_us(struct trace_export *trace, const char *name, int64_t ns)
{
    uint64_t length = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    export_format(&trace->out, ",\"%s\":%s%" PRIu64 ".%03u", name, ns < 0 ? "-" : "", length / 1000,
                  (unsigned)(length % 1000));
}

static void add_text(struct trace_export *trace, const char *name, struct record_text text)
{
    export_format(&trace->out, ",\"%s\":", name);
    export_json(&trace->out, text);
}

/* The beginning of one, up to its name. */
static void event(struct trace_export *trace, const char *phase, uint32_t pool, int64_t lane, struct record_text name)
{
    export_format(&trace->out, "%s{\"ph\":\"%s\",\"pid\":%" PRIu64 ",\"tid\":%" PRId64, trace->is_begun ? ",\n" : "",
                  phase, (uint64_t)pool + 1, lane);
    trace->is_begun = true;
    add_text(trace, "name", name);
}

static void event_at(struct trace_export *trace, const char *phase, const char *category, uint32_t pool, int64_t lane,
                     struct record_text name, int64_t ns)
{
    event(trace, phase, pool, lane, name);
    export_format(&trace->out, ",\"cat\":\"%s\"", category);
    add_us(trace, "ts", ns);
}

static void finish(struct trace_export *trace)
{
    export_format(&trace->out, "}");
}

/* A peer may say anything: no length is negative, or overflows. */
static int64_t length_between(int64_t from_ns, int64_t to_ns)
{
    uint64_t length = (uint64_t)to_ns - (uint64_t)from_ns;
    return to_ns <= from_ns ? 0 : length < INT64_MAX ? (int64_t)length : INT64_MAX;
}

static int64_t sum_of_lengths(int64_t one, int64_t other)
{
    one = one > 0 ? one : 0;
    other = other > 0 ? other : 0;
    return one < INT64_MAX - other ? one + other : INT64_MAX;
}

/* ---- Who is who ---- */

static void name_process(struct trace_export *trace, uint32_t pool, struct record_text name)
{
    event(trace, "M", pool, 0, record_text_of("process_name"));
    export_format(&trace->out, ",\"args\":{\"name\":");
    export_json(&trace->out, name);
    export_format(&trace->out, "}}");
}

static void name_lane(struct trace_export *trace, uint32_t pool, int64_t lane, const char *kind)
{
    event(trace, "M", pool, lane, record_text_of("thread_name"));
    if (lane < LANE_OF_WORKER)
        export_format(&trace->out, ",\"args\":{\"name\":\"%s\"}}", kind);
    else
        export_format(&trace->out, ",\"args\":{\"name\":\"%s %" PRId64 "\"}}", kind, lane - LANE_OF_WORKER);
}

/* A pool that was not told of before what is its: by its number, until it is. */
static void know_pool(struct trace_export *trace, uint32_t pool)
{
    for (size_t i = 0; i < trace->pools.count; i++)
        if (*(const uint32_t *)list_at(&trace->pools, i) == pool)
            return;
    char name[32];
    uint32_t *known = trace->pools.count < LANES_MAX ? list_add(&trace->pools) : NULL;
    if (known != NULL)
        *known = pool;
    snprintf(name, sizeof name, "pool %" PRIu32, pool);
    name_process(trace, pool, record_text_of(pool == PROGRAM ? "program" : name));
    name_lane(trace, pool, LANE_SUBMITTED, pool == PROGRAM ? "log" : "submitted");
}

static struct trace_lane *find_lane(struct trace_export *trace, uint32_t pool, int64_t lane)
{
    for (size_t i = 0; i < trace->lanes.count; i++) {
        size_t index = (trace->last_lane + i) % trace->lanes.count;
        struct trace_lane *known = list_at(&trace->lanes, index);
        if (known->lane == lane && known->pool == pool) {
            trace->last_lane = index;
            return known;
        }
    }
    return NULL;
}

/* NULL for want of memory, or because there are more than anybody could look at: such a lane is left out. */
static struct trace_lane *lane_of(struct trace_export *trace, uint32_t pool, uint32_t worker)
{
    int64_t lane = (int64_t)worker + LANE_OF_WORKER;
    struct trace_lane *known = find_lane(trace, pool, lane);
    if (known != NULL || trace->lanes.count >= LANES_MAX)
        return known;
    known = list_add(&trace->lanes);
    if (known == NULL) {
        trace->code = MPROC_E_NO_MEMORY;
        return NULL;
    }
    known->pool = pool;
    known->lane = lane;
    know_pool(trace, pool);
    name_lane(trace, pool, lane, "worker");
    return known;
}

static struct record_text name_of_function(struct trace_export *trace, uint32_t pool, uint32_t function)
{
    struct record_text name = export_name_of(&trace->names, pool, function);
    return name.size > 0 ? name : record_text_of("task");
}

/* ---- Tasks ---- */

static void add_task_number(struct trace_export *trace, uint64_t task, int64_t item, uint64_t items, uint32_t attempt)
{
    export_format(&trace->out,
                  ",\"args\":{\"task\":%" PRIu64 ",\"item\":%" PRId64 ",\"items\":%" PRIu64 ",\"attempt\":%" PRIu32,
                  task, item, items, attempt);
}

static void add_task(struct trace_export *trace, const struct record_task_ended *task)
{
    add_task_number(trace, task->task, task->item, task->items, task->attempt);
    export_format(&trace->out, ",\"end\":\"%s\",\"code\":%" PRId64 ",\"pid\":%" PRId64, export_end_word(task->end),
                  task->code, task->pid);
    add_us(trace, "wait_us", task->wait_ns);
    add_us(trace, "queued_us", task->queued_ns);
    add_us(trace, "copy_us", task->copy_ns);
    add_us(trace, "run_us", task->run_ns);
    add_us(trace, "return_us", task->return_ns);
    add_text(trace, "place", export_place_of(&trace->names, task->pool, task->function));
    add_text(trace, "label", task->label);
    add_text(trace, "argument", task->argument);
    add_text(trace, "result", task->result);
    add_text(trace, "error", task->error);
    export_format(&trace->out, "}");
}

/* What was measured; of one that did not come to its end, how long it was under way. */
static int64_t length_of(const struct record_task_ended *task)
{
    int64_t measured = sum_of_lengths(task->copy_ns, task->run_ns);
    return measured > 0 ? measured : length_between(task->begun_ns, task->ended_ns);
}

/* Whether there is a bar where something of this pool was submitted at this time: all of a map was at one. A table of
 * the last ones, in which a new one takes the place of whichever it finds there. */
static bool has_submit_bar(struct trace_export *trace, uint32_t pool, int64_t ns)
{
    struct trace_moment *moment = &trace->submitted[((uint64_t)ns * 0x9e3779b97f4a7c15u >> 32 ^ pool) % MOMENTS];
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
    event_at(trace, "X", "submit", task->pool, LANE_SUBMITTED, name_of_function(trace, task->pool, task->function),
             task->submitted_ns);
    add_us(trace, "dur", 1);
    add_task_number(trace, task->task, task->item, task->items, task->attempt);
    export_format(&trace->out, "}");
    finish(trace);
}

static void add_arrow(struct trace_export *trace, const struct record_task_ended *task, int64_t lane, int64_t begin_ns)
{
    add_submit_bar(trace, task);
    trace->arrows++;
    event_at(trace, "s", "task", task->pool, LANE_SUBMITTED, record_text_of("submitted"), task->submitted_ns);
    export_format(&trace->out, ",\"id\":%" PRIu64, trace->arrows);
    finish(trace);
    event_at(trace, "f", "task", task->pool, lane, record_text_of("submitted"), begin_ns);
    export_format(&trace->out, ",\"id\":%" PRIu64 ",\"bp\":\"e\"", trace->arrows);
    finish(trace);
}

/* It never ran: a mark where it was submitted. */
static void mark_unrun(struct trace_export *trace, const struct record_task_ended *task)
{
    know_pool(trace, task->pool);
    event_at(trace, "i", "task", task->pool, LANE_SUBMITTED, name_of_function(trace, task->pool, task->function),
             task->ended_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    add_task(trace, task);
    finish(trace);
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
    int64_t length = length_of(task), room = length_between(task->begun_ns, INT64_MAX);
    int64_t end = task->begun_ns + (length < room ? length : room);
    int64_t begin = begin_in_lane(lane, task->begun_ns, end);
    event_at(trace, "X", "task", task->pool, lane->lane, name_of_function(trace, task->pool, task->function), begin);
    add_us(trace, "dur", length_between(begin, end));
    add_task(trace, task);
    finish(trace);
    if (task->submitted_ns != 0 && task->submitted_ns <= begin)
        add_arrow(trace, task, lane->lane, begin);
}

static void take_task(struct trace_export *trace, const struct record_task_ended *task)
{
    if (task->begun_ns == 0 || task->worker < 0 || task->worker > UINT32_MAX) {
        mark_unrun(trace, task);
        return;
    }
    struct trace_lane *lane = lane_of(trace, task->pool, (uint32_t)task->worker);
    if (lane == NULL)
        return;
    lane->ended_task = task->task;
    lane->ended_item = task->item;
    lane->ended_attempt = task->attempt;
    add_bar(trace, task, lane);
}

/* ---- Workers ---- */

static void count_memory(struct trace_export *trace, struct trace_lane *lane, uint64_t memory)
{
    char name[48];
    if (memory == lane->memory)
        return;
    lane->memory = memory;
    snprintf(name, sizeof name, "memory of worker %" PRId64, lane->lane - LANE_OF_WORKER);
    event_at(trace, "C", "worker", lane->pool, lane->lane, record_text_of(name), trace->now_ns);
    export_format(&trace->out, ",\"args\":{\"bytes\":%" PRIu64 "}}", memory);
}

static void take_worker(struct trace_export *trace, const struct record_worker *worker)
{
    struct trace_lane *lane = lane_of(trace, worker->pool, worker->worker);
    if (lane == NULL)
        return;
    lane->worker = *worker;
    lane->worker.label = lane->worker.argument = record_text_of("");
    count_memory(trace, lane, worker->memory);
}

static void mark_death(struct trace_export *trace, const struct record_death *death, int64_t lane)
{
    event_at(trace, "i", "death", death->pool, lane, record_text_of(death->expected ? "worker ended" : "worker died"),
             death->time_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    add_task_number(trace, death->task, death->item, death->items, death->attempt);
    export_format(&trace->out, ",\"pid\":%" PRId64 ",\"exit_code\":%" PRId64, death->pid, death->exit_code);
    add_text(trace, "cause", death->cause);
    add_text(trace, "function", export_name_of(&trace->names, death->pool, death->function));
    add_text(trace, "label", death->label);
    add_text(trace, "argument", death->argument);
    add_text(trace, "stack", death->stack);
    add_text(trace, "output", death->output);
    export_format(&trace->out, "}");
    finish(trace);
}

/* A death is told of more than once; each is marked once, and its successor's start. */
static void take_death(struct trace_export *trace, const struct record_death *death)
{
    struct trace_lane *lane = lane_of(trace, death->pool, death->worker);
    if (lane == NULL)
        return;
    if (death->lives > lane->died)
        mark_death(trace, death, lane->lane);
    lane->died = death->lives > lane->died ? death->lives : lane->died;
    if (death->replaced_ns == 0 || death->lives <= lane->replaced)
        return;
    lane->replaced = death->lives;
    event_at(trace, "i", "death", death->pool, lane->lane, record_text_of("worker replaced"), death->replaced_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    finish(trace);
}

/* ---- The rest ---- */

static void take_greeting(struct trace_export *trace, const struct record_greeting *greeting)
{
    know_pool(trace, PROGRAM);
    if (greeting->program.size > 0)
        name_process(trace, PROGRAM, greeting->program);
}

/* Nothing more comes of it. */
static void forget_pool(struct trace_export *trace, uint32_t pool)
{
    export_names_forget(&trace->names, pool);
    for (size_t i = trace->lanes.count; i-- > 0;)
        if (((const struct trace_lane *)list_at(&trace->lanes, i))->pool == pool)
            list_remove(&trace->lanes, i);
    for (size_t i = trace->pools.count; i-- > 0;)
        if (*(const uint32_t *)list_at(&trace->pools, i) == pool)
            list_remove(&trace->pools, i);
}

static void take_pool(struct trace_export *trace, const struct record_pool *pool)
{
    struct record_text known = export_name_of(&trace->names, pool->pool, EXPORT_POOL);
    bool is_new = known.size != pool->name.size || memcmp(known.data, pool->name.data, known.size) != 0;
    know_pool(trace, pool->pool);
    trace->code = export_names_take(&trace->names, pool->pool, EXPORT_POOL, pool->name, record_text_of(""));
    if (is_new)
        name_process(trace, pool->pool, pool->name);
    if (pool->phase == RECORD_PHASE_GONE)
        forget_pool(trace, pool->pool);
}

static void take_counts(struct trace_export *trace, const struct record_counts *counts)
{
    know_pool(trace, counts->pool);
    event_at(trace, "C", "pool", counts->pool, LANE_SUBMITTED, record_text_of("tasks"), trace->now_ns);
    export_format(&trace->out, ",\"args\":{\"queued\":%" PRIu64 ",\"running\":%" PRIu64 "}}", counts->queued,
                  counts->running);
    event_at(trace, "C", "pool", counts->pool, LANE_SUBMITTED, record_text_of("failed and died"), trace->now_ns);
    export_format(&trace->out, ",\"args\":{\"failed\":%" PRIu64 ",\"deaths\":%" PRIu64 "}}", counts->failed,
                  counts->deaths);
}

/* A bar beside the lanes, from where it was submitted to where its end was told. */
static void take_map(struct trace_export *trace, const struct record_map *map)
{
    if (!map->ended || map->submitted_ns == 0)
        return;
    know_pool(trace, map->pool);
    for (int i = 0; i < 2; i++) {
        int64_t ns = i == 0 ? map->submitted_ns : map->submitted_ns + length_between(map->submitted_ns, trace->now_ns);
        event_at(trace, i == 0 ? "b" : "e", "map", map->pool, LANE_SUBMITTED,
                 name_of_function(trace, map->pool, map->function), ns);
        export_format(&trace->out,
                      ",\"id\":\"map %" PRIu32 ".%" PRIu64 "\",\"args\":{\"items\":%" PRIu64 ",\"failed\":%" PRIu64
                      "}}",
                      map->pool, map->task, map->items, map->failed);
    }
}

static void take_log(struct trace_export *trace, const struct record_log *log)
{
    know_pool(trace, log->pool);
    event_at(trace, "i", "log", log->pool, LANE_SUBMITTED, log->text, log->time_ns);
    export_format(&trace->out, ",\"s\":\"t\"");
    finish(trace);
}

static void take_lost(struct trace_export *trace, const struct record_lost *lost)
{
    know_pool(trace, lost->pool);
    event_at(trace, "i", "lost", lost->pool, LANE_SUBMITTED, record_text_of("records were lost"), lost->from_ns);
    export_format(&trace->out, ",\"s\":\"p\",\"args\":{\"class\":%u,\"count\":%" PRIu64, lost->kind, lost->count);
    add_us(trace, "to_us", lost->to_ns);
    export_format(&trace->out, "}}");
}

/* ---- Records ---- */

static int take(struct export *export, const struct wire_frame *frame, const union record *record)
{
    struct trace_export *trace = (struct trace_export *)export;
    trace->now_ns = frame->time_ns;
    switch (frame->type) {
    case RECORD_GREETING:
        take_greeting(trace, &record->greeting);
        break;
    case RECORD_POOL:
        take_pool(trace, &record->pool);
        break;
    case RECORD_FUNCTION:
        trace->code = export_names_take(&trace->names, record->function.pool, record->function.function,
                                        record->function.name, record->function.place);
        break;
    case RECORD_COUNTS:
        take_counts(trace, &record->counts);
        break;
    case RECORD_WORKER:
        take_worker(trace, &record->worker);
        break;
    case RECORD_TASK_ENDED:
        take_task(trace, &record->task_ended);
        break;
    case RECORD_DEATH:
        take_death(trace, &record->death);
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

/* What still ran when the records ended. */
static void add_unfinished(struct trace_export *trace, const struct trace_lane *lane)
{
    const struct record_worker *worker = &lane->worker;
    bool has_ended =
        worker->task == lane->ended_task && worker->item == lane->ended_item && worker->attempt == lane->ended_attempt;
    if (worker->state != MPROC_WORKER_BUSY || worker->since_ns == 0 || has_ended)
        return;
    event_at(trace, "X", "task", lane->pool, lane->lane, name_of_function(trace, lane->pool, worker->function),
             worker->since_ns);
    add_us(trace, "dur", length_between(worker->since_ns, trace->now_ns));
    add_task_number(trace, worker->task, worker->item, worker->items, worker->attempt);
    export_format(&trace->out, ",\"end\":\"running\",\"pid\":%" PRId64 "}", worker->pid);
    finish(trace);
}

static int end(struct export *export)
{
    struct trace_export *trace = (struct trace_export *)export;
    for (size_t i = 0; i < trace->lanes.count; i++)
        add_unfinished(trace, list_at(&trace->lanes, i));
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
