#include "terminal/metrics.h"

#include "model/columns.h"
#include "model/words.h"
#include "terminal/output.h"
#include <inttypes.h>
#include <mproc/pool.h>
#include <mproc/stats.h>

#define NS_PER_S 1e9

/* ---- Labels ---- */

static void write_character(const char *text, struct character character)
{
    if (*text == '\n')
        output_write("\\n", 2);
    else if (character.columns < 0)
        output_write("?", 1);
    else {
        if (*text == '\\' || *text == '"')
            output_write("\\", 1);
        output_write(text, character.size);
    }
}

/* Within quotes a backslash, a quote and a line end are escaped; what a terminal would obey is a question mark. */
static void write_escaped(const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        struct character next = columns_character(text, (size_t)(end - text));
        write_character(text, next);
        text += next.size;
    }
}

static void write_label(const char *name, const char *value, bool first)
{
    output_format("%s%s=\"", first ? "" : ",", name);
    write_escaped(value);
    output_write("\"", 1);
}

static void write_number_label(const char *name, int64_t value)
{
    output_format(",%s=\"%" PRId64 "\"", name, value);
}

/* All metrics say of which process and pool they are. */
static void begin_sample(const char *name, const struct model *model, const struct model_pool *pool)
{
    output_format("mproc_%s{", name);
    output_format("process=\"%" PRId64 "\"", model->greeting.pid);
    write_label("pool", words_pool(model, pool->number).text, false);
    write_number_label("pool_number", pool->number);
}

static void end_count(uint64_t value)
{
    output_format("} %" PRIu64 "\n", value);
}

static void end_seconds(double ns)
{
    output_format("} %.9f\n", ns / NS_PER_S);
}

static void begin_family(const char *name, const char *type, const char *unit, const char *help)
{
    output_format("# TYPE mproc_%s %s\n", name, type);
    if (unit != NULL)
        output_format("# UNIT mproc_%s %s\n", name, unit);
    output_format("# HELP mproc_%s %s\n", name, help);
}

/* ---- Pools ---- */

/* Counters of pools: the name of the family, the member of counts, what it is. */
#define COUNTERS(F)                                                                                                    \
    F(tasks_submitted, submitted, "Tasks submitted; a map counts 1.")                                                  \
    F(tasks_succeeded, succeeded, "Tasks that succeeded; a map counts 1.")                                             \
    F(tasks_failed, failed, "Tasks that failed.")                                                                      \
    F(tasks_cancelled, cancelled, "Tasks that were cancelled.")                                                        \
    F(tasks_retried, retried, "Attempts made again after a worker died.")                                              \
    F(map_items, items, "Items of maps that were run to their end.")                                                   \
    F(worker_deaths, deaths, "Workers that ended without being told to.")                                              \
    F(worker_restarts, restarts, "Workers that were replaced.")

#define GAUGES(F)                                                                                                      \
    F(workers, workers, "Workers that are ready.")                                                                     \
    F(workers_idle, idle, "Workers without a task.")                                                                   \
    F(tasks_queued, queued, "Tasks and chunks of maps that have not begun.")                                           \
    F(tasks_running, running, "Tasks and chunks of maps that run.")

static uint64_t count_at(const struct model_pool *pool, size_t offset, size_t size)
{
    const char *at = (const char *)&pool->counts + offset;
    uint32_t small;
    uint64_t large;
    if (size == sizeof small) {
        memcpy(&small, at, sizeof small);
        return small;
    }
    memcpy(&large, at, sizeof large);
    return large;
}

static void write_counts(const struct model *model, const char *sample, size_t offset, size_t size)
{
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *pool = pools_at(&model->pools, i);
        begin_sample(sample, model, pool);
        end_count(count_at(pool, offset, size));
    }
}

#define MEMBER(member) offsetof(struct record_counts, member), sizeof((struct record_counts *)0)->member
#define WRITE_COUNTER(name, member, help)                                                                              \
    begin_family(#name, "counter", NULL, help);                                                                        \
    write_counts(model, #name "_total", MEMBER(member));
#define WRITE_GAUGE(name, member, help)                                                                                \
    begin_family(#name, "gauge", NULL, help);                                                                          \
    write_counts(model, #name, MEMBER(member));

static void write_seconds(const struct model *model)
{
    begin_family("busy_seconds", "counter", "seconds", "Time that workers spent in functions that returned.");
    for (size_t i = 0; i < model->pools.all.count; i++) {
        begin_sample("busy_seconds_total", model, pools_at(&model->pools, i));
        end_seconds((double)pools_at(&model->pools, i)->counts.busy_ns);
    }
    begin_family("oldest_queued_seconds", "gauge", "seconds", "How long the oldest queued task has waited.");
    for (size_t i = 0; i < model->pools.all.count; i++) {
        begin_sample("oldest_queued_seconds", model, pools_at(&model->pools, i));
        end_seconds((double)pools_at(&model->pools, i)->counts.oldest_ns);
    }
}

/* ---- Workers ---- */

typedef void end_fn(const struct model_worker *worker);

static void each_of_pool(const struct model *model, const struct model_pool *pool, const char *sample, end_fn *end)
{
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        if (worker == NULL || worker->said.state == MPROC_WORKER_NONE)
            continue;
        begin_sample(sample, model, pool);
        write_number_label("worker", worker->said.worker);
        write_number_label("pid", worker->said.pid);
        end(worker);
    }
}

static void each_worker(const struct model *model, const char *sample, end_fn *end)
{
    for (size_t i = 0; i < model->pools.all.count; i++)
        each_of_pool(model, pools_at(&model->pools, i), sample, end);
}

/* What a process has: a thread has none of its own. */
static void each_process(const struct model *model, const char *sample, end_fn *end)
{
    for (size_t i = 0; i < model->pools.all.count; i++)
        if (pools_at(&model->pools, i)->said.kind == MPROC_POOL_PROCESSES)
            each_of_pool(model, pools_at(&model->pools, i), sample, end);
}

static void end_cpu(const struct model_worker *worker)
{
    end_seconds((double)worker->said.cpu_ns);
}

static void end_memory(const struct model_worker *worker)
{
    end_count(worker->said.memory);
}

static void end_up(const struct model_worker *worker)
{
    end_count(worker->said.state == MPROC_WORKER_BUSY);
}

static void write_workers(const struct model *model)
{
    begin_family("worker_busy", "gauge", NULL, "1 if the worker runs a task.");
    each_worker(model, "worker_busy", end_up);
    begin_family("worker_cpu_seconds", "counter", "seconds", "CPU time of the worker's process.");
    each_process(model, "worker_cpu_seconds_total", end_cpu);
    begin_family("worker_memory_bytes", "gauge", "bytes", "Resident memory of the worker's process.");
    each_process(model, "worker_memory_bytes", end_memory);
}

/* ---- Functions ---- */

/* Several may have the same name and place, or none: their numbers differ. */
static void begin_function(const char *sample, const struct model *model, const struct model_pool *pool,
                           const struct model_function *function)
{
    begin_sample(sample, model, pool);
    write_label("function", kept_string(function->said.name), false);
    write_label("place", kept_string(function->said.place), false);
    write_number_label("function_number", function->stats.function);
}

static void write_function(const struct model *model, const struct model_pool *pool,
                           const struct model_function *function)
{
    const struct record_function_stats *stats = &function->stats;
    const struct quantile {
        const char *name;
        int64_t ns;
    } quantiles[] = { { "0.5", stats->run_p50_ns },
                      { "0.9", stats->run_p90_ns },
                      { "0.99", stats->run_p99_ns },
                      { "0.999", stats->run_p999_ns } };
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        begin_function("run_seconds", model, pool, function);
        write_label("quantile", quantiles[i].name, false);
        end_seconds((double)quantiles[i].ns);
    }
    begin_function("run_seconds_count", model, pool, function);
    end_count(stats->run_count);
    begin_function("run_seconds_sum", model, pool, function);
    end_seconds((double)stats->run_total_ns);
}

static void write_functions(const struct model *model)
{
    begin_family("run_seconds", "summary", "seconds",
                 "How long calls of a function ran that returned, and chunks of maps.");
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *pool = pools_at(&model->pools, i);
        for (uint32_t j = 1; j < pool->functions.count; j++)
            if (pool_function_at(pool, j)->stats.run_count > 0)
                write_function(model, pool, pool_function_at(pool, j));
    }
}

/* ---- Locks, losses ---- */

static void write_objects(const struct model *model)
{
    struct deadlock deadlocks[16];
    begin_family("object_waiters", "gauge", NULL, "Threads that wait for a named lock, queue or the like.");
    for (size_t i = 0; i < model->objects.all.count; i++) {
        const struct model_object *object = objects_at(&model->objects, i);
        output_format("mproc_object_waiters{process=\"%" PRId64 "\"", model->greeting.pid);
        write_label("name", kept_string(object->said.name), false);
        write_label("kind", words_object_kind(object->said.kind), false);
        write_number_label("object", (int64_t)object->said.object);
        end_count(object->said.waiters);
    }
    begin_family("deadlocks", "gauge", NULL, "Circles of threads of which each waits for the next.");
    output_format("mproc_deadlocks{process=\"%" PRId64 "\"", model->greeting.pid);
    end_count(objects_deadlocks(&model->objects, model->now_ns, deadlocks, 16));
}

static void write_process(const struct model *model)
{
    begin_family("process_info", "gauge", NULL, "The process that is watched.");
    output_format("mproc_process_info{process=\"%" PRId64 "\"", model->greeting.pid);
    write_label("program", kept_string(model->greeting.program), false);
    write_label("library", kept_string(model->greeting.library), false);
    output_format("} 1\n");
}

void metrics_write(const struct model *model)
{
    write_process(model);
    GAUGES(WRITE_GAUGE)
    COUNTERS(WRITE_COUNTER)
    write_seconds(model);
    write_workers(model);
    write_functions(model);
    write_objects(model);
    output_format("# EOF\n");
}
