#include "terminal/json.h"

#include "model/words.h"
#include "terminal/output.h"
#include "trace/wire_json.h"
#include <inttypes.h>

static char room[WIRE_JSON_MAX];

/* The record's object without its closing brace, so that members may follow. */
static void write_open(unsigned type, const void *record)
{
    size_t size = mproc__wire_json(room, sizeof room, type, record);
    if (size > 0 && size < sizeof room)
        output_write(room, size - 1);
    else
        output_format("{\"record\":null");
}

static void write_record(unsigned type, const void *record)
{
    write_open(type, record);
    output_write("}", 1);
}

static void write_text(const char *text)
{
    size_t size = mproc__wire_json_text(room, sizeof room, text, strlen(text));
    if (size < sizeof room)
        output_write(room, size);
}

/* Some say themselves when they were, and no name may come twice. */
static bool has_time(const struct wire_type *type)
{
    for (size_t i = 0; i < type->count; i++)
        if (strcmp(type->fields[i].name, "time_ns") == 0)
            return true;
    return false;
}

void json_line(void *user, const struct wire_frame *frame, const union record *record)
{
    (void)user;
    const struct wire_type *type = mproc__wire_type(frame->type);
    if (type == NULL)
        return;
    output_format("{");
    if (!has_time(type))
        output_format("\"time_ns\":%" PRId64 ",", frame->time_ns);
    size_t size = mproc__wire_json(room, sizeof room, frame->type, record);
    if (size > 1 && size < sizeof room)
        output_write(room + 1, size - 1);
    output_write("\n", 1);
}

/* ---- Arrays ---- */

static void begin_array(const char *name)
{
    output_format(",\"%s\":[", name);
}

static void end_array(void)
{
    output_format("]");
}

static void separate(bool *begun)
{
    output_format(*begun ? ",\n" : "\n");
    *begun = true;
}

/* ---- Pools ---- */

static void write_workers(const struct model_pool *pool, int64_t now_ns)
{
    bool begun = false;
    begin_array("workers");
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        double share;
        if (worker == NULL)
            continue;
        separate(&begun);
        write_open(RECORD_WORKER, &worker->said);
        if (worker_cpu(pool, worker, now_ns, &share))
            output_format(",\"cpu\":%.3f", share);
        output_format("}");
    }
    end_array();
}

static void write_functions(const struct model_pool *pool)
{
    bool begun = false;
    begin_array("functions");
    for (uint32_t i = 1; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, i);
        separate(&begun);
        write_open(RECORD_FUNCTION, &function->said);
        output_format(",\"stats\":");
        write_record(RECORD_FUNCTION_STATS, &function->stats);
        output_format("}");
    }
    end_array();
}

static void write_maps(const struct model_pool *pool, int64_t now_ns)
{
    bool begun = false;
    begin_array("maps");
    for (size_t i = 0; i < pool->maps.count; i++) {
        const struct model_map *map = pool_map_at(pool, i);
        int64_t left_ns;
        separate(&begun);
        write_open(RECORD_MAP, &map->said);
        if (map_left(map, now_ns, &left_ns))
            output_format(",\"left_ns\":%" PRId64, left_ns);
        output_format("}");
    }
    end_array();
}

static void write_pool(const struct model_pool *pool, int64_t now_ns)
{
    double rate;
    write_open(RECORD_POOL, &pool->said);
    output_format(",\"counts\":");
    write_record(RECORD_COUNTS, &pool->counts);
    if (history_rate_now(&pool->history, &rate))
        output_format(",\"done_per_second\":%.3f", rate);
    write_workers(pool, now_ns);
    write_functions(pool);
    write_maps(pool, now_ns);
    output_format("}");
}

/* ---- Tasks ---- */

static void write_part(const char *name, unsigned type, const void *record, bool is_there)
{
    if (!is_there)
        return;
    output_format(",\"%s\":", name);
    write_record(type, record);
}

static void write_task(const struct model *model, const struct model_task *task)
{
    struct record_task_queued queued;
    struct record_task_begun begun;
    struct record_task_ended ended;
    output_format("{\"pool\":%" PRIu32 ",\"task\":%" PRIu64 ",\"item\":%" PRId64 ",\"state\":", task->key.pool,
                  task->key.task, task->key.item);
    write_text(words_task_state(task_state(task)));
    output_format(",\"call\":");
    write_text(words_task_call(model, task).text);
    write_part("queued", RECORD_TASK_QUEUED, &queued, task_as_queued(task, &queued));
    write_part("begun", RECORD_TASK_BEGUN, &begun, task_as_begun(task, &begun));
    write_part("ended", RECORD_TASK_ENDED, &ended, task_as_ended(task, &ended));
    output_format("}");
}

static void write_tasks(const struct model *model)
{
    bool begun = false;
    begin_array("tasks");
    for (uint32_t i = tasks_count(&model->tasks); i-- > 0;) {
        separate(&begun);
        write_task(model, tasks_at(&model->tasks, i));
    }
    end_array();
}

/* ---- The rest ---- */

static void write_deaths(const struct events *events)
{
    bool begun = false;
    begin_array("deaths");
    for (uint64_t i = events_death_count(events); i-- > 0;) {
        separate(&begun);
        write_record(RECORD_DEATH, &events_death_at(events, i)->said);
    }
    end_array();
}

static void write_log(const struct events *events)
{
    bool begun = false;
    begin_array("log");
    for (uint64_t i = events_line_count(events); i-- > 0;) {
        separate(&begun);
        write_record(RECORD_LOG, &events_line_at(events, i)->said);
    }
    end_array();
}

static void write_losses(const struct events *events)
{
    bool begun = false;
    begin_array("losses");
    for (uint64_t i = events_loss_count(events); i-- > 0;) {
        separate(&begun);
        write_record(RECORD_LOST, events_loss_at(events, i));
    }
    end_array();
    output_format(",\"lost\":%" PRIu64, events_lost(events));
}

static void write_objects(const struct objects *objects)
{
    bool begun = false;
    begin_array("objects");
    for (size_t i = 0; i < objects->all.count; i++) {
        separate(&begun);
        write_record(RECORD_OBJECT, &objects_at(objects, i)->said);
    }
    end_array();
    begun = false;
    begin_array("waiters");
    for (size_t i = 0; i < objects->waiters.count; i++) {
        separate(&begun);
        write_record(RECORD_WAITER, &objects_waiter_at(objects, i)->said);
    }
    end_array();
}

static void write_deadlocks(const struct model *model)
{
    struct deadlock deadlocks[16];
    bool begun = false;
    size_t count = objects_deadlocks(&model->objects, model->now_ns, deadlocks, 16);
    begin_array("deadlocks");
    for (size_t i = 0; i < count; i++) {
        separate(&begun);
        output_format("{\"since_ns\":%" PRId64 ",\"behind\":%zu,\"text\":[", deadlocks[i].since_ns,
                      deadlocks[i].behind);
        for (size_t j = 0; j < deadlocks[i].count; j++) {
            write_text(words_deadlock_step(model, &deadlocks[i], j).text);
            output_format(",");
        }
        write_text(words_deadlock_end(&deadlocks[i]).text);
        output_format("]}");
    }
    end_array();
}

static void write_pools(const struct model *model)
{
    bool begun = false;
    begin_array("pools");
    for (size_t i = 0; i < model->pools.all.count; i++) {
        separate(&begun);
        write_pool(pools_at(&model->pools, i), model->now_ns);
    }
    end_array();
}

void json_document(const struct session *session)
{
    const struct model *model = session->model;
    output_format("{\"process\":");
    write_record(RECORD_GREETING, &model->greeting);
    output_format(",\"now_ns\":%" PRId64 ",\"cut_short\":%s", model->now_ns,
                  source_is_cut(session->source) ? "true" : "false");
    write_pools(model);
    write_tasks(model);
    write_deaths(&model->events);
    write_objects(&model->objects);
    write_deadlocks(model);
    write_log(&model->events);
    write_losses(&model->events);
    output_format(",\"missed\":%" PRIu64 ",\"ignored\":%" PRIu64, source_missed(session->source), model_ignored(model));
    write_part("cost", RECORD_COST, &model->cost, model->cost_ns != 0);
    output_format("}\n");
}
