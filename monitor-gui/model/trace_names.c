#include "model/trace_names.h"

#include "model/trace_event.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LANES_MAX 4096u

/* ---- Names ---- */

static void name_process(struct trace_export *trace, uint32_t pool, struct record_text name)
{
    trace_event(trace, "M", pool, 0, record_text_of("process_name"));
    export_format(&trace->out, ",\"args\":{\"name\":");
    export_json(&trace->out, name);
    export_format(&trace->out, "}}");
}

static void name_lane(struct trace_export *trace, uint32_t pool, int64_t lane, const char *kind)
{
    trace_event(trace, "M", pool, lane, record_text_of("thread_name"));
    if (lane < TRACE_LANE_OF_WORKER)
        export_format(&trace->out, ",\"args\":{\"name\":\"%s\"}}", kind);
    else
        export_format(&trace->out, ",\"args\":{\"name\":\"%s %" PRId64 "\"}}", kind, lane - TRACE_LANE_OF_WORKER);
}

/* A pool that was not told of before what is its: by its number, until it is. */
void trace_know_pool(struct trace_export *trace, uint32_t pool)
{
    for (size_t i = 0; i < trace->pools.count; i++)
        if (*(const uint32_t *)list_at(&trace->pools, i) == pool)
            return;
    char name[32];
    uint32_t *known = trace->pools.count < LANES_MAX ? list_add(&trace->pools) : NULL;
    if (known != NULL)
        *known = pool;
    snprintf(name, sizeof name, "pool %" PRIu32, pool);
    name_process(trace, pool, record_text_of(pool == TRACE_PROGRAM ? "program" : name));
    name_lane(trace, pool, TRACE_LANE_SUBMITTED, pool == TRACE_PROGRAM ? "log" : "submitted");
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

struct trace_lane *trace_lane_of(struct trace_export *trace, uint32_t pool, uint32_t worker)
{
    int64_t lane = (int64_t)worker + TRACE_LANE_OF_WORKER;
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
    trace_know_pool(trace, pool);
    name_lane(trace, pool, lane, "worker");
    return known;
}

struct record_text trace_name_of_function(struct trace_export *trace, uint32_t pool, uint32_t function)
{
    struct record_text name = export_name_of(&trace->names, pool, function);
    return name.size > 0 ? name : record_text_of("task");
}

/* ---- What is told of them ---- */

void trace_take_greeting(struct trace_export *trace, const struct record_greeting *greeting)
{
    trace_know_pool(trace, TRACE_PROGRAM);
    if (greeting->program.size > 0)
        name_process(trace, TRACE_PROGRAM, greeting->program);
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

void trace_take_pool(struct trace_export *trace, const struct record_pool *pool)
{
    struct record_text known = export_name_of(&trace->names, pool->pool, EXPORT_POOL);
    bool is_new = known.size != pool->name.size || memcmp(known.data, pool->name.data, known.size) != 0;
    trace_know_pool(trace, pool->pool);
    trace->code = export_names_take(&trace->names, pool->pool, EXPORT_POOL, pool->name, record_text_of(""));
    if (is_new)
        name_process(trace, pool->pool, pool->name);
    if (pool->phase == RECORD_PHASE_GONE)
        forget_pool(trace, pool->pool);
}
