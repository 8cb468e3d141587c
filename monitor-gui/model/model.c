#include "model/model.h"

#include <mproc/base.h>
#include <mproc/pool.h>
#include <stdlib.h>

#define TASKS_DEFAULT 10000u
#define BYTES_DEFAULT ((size_t)64 << 20)
#define NS_PER_S      1e9

int model_create(const struct model_limits *limits, struct model **ret_model)
{
    static const struct model_limits none;
    struct model *model = calloc(1, sizeof *model);
    if (model == NULL)
        return MPROC_E_NO_MEMORY;
    limits = limits != NULL ? limits : &none;
    int code = tasks_init(&model->tasks, limits->tasks > 0 ? limits->tasks : TASKS_DEFAULT,
                          limits->task_bytes > 0 ? limits->task_bytes : BYTES_DEFAULT);
    if (code == 0)
        code = bars_init(&model->bars, limits->bars);
    if (code < 0) {
        tasks_free(&model->tasks);
        free(model);
        return code;
    }
    pools_init(&model->pools);
    objects_init(&model->objects);
    *ret_model = model;
    return 0;
}

void model_free(struct model *model)
{
    if (model == NULL)
        return;
    objects_free(&model->objects);
    events_free(&model->events);
    bars_free(&model->bars);
    tasks_free(&model->tasks);
    pools_free(&model->pools);
    free(model->greeting_texts);
    free(model);
}

/* ---- Taking records ---- */

static void take_cost(struct model *model, const struct wire_frame *frame, const struct record_cost *cost)
{
    if (frame->time_ns <= model->cost_ns)
        return;
    model->cost_before = model->cost;
    model->cost_before_ns = model->cost_ns;
    model->cost = *cost;
    model->cost_ns = frame->time_ns;
}

static void begin_snapshot(struct model *model)
{
    pools_snapshot_begin(&model->pools);
    objects_snapshot_begin(&model->objects);
}

static void end_snapshot(struct model *model)
{
    pools_snapshot_end(&model->pools);
    objects_snapshot_end(&model->objects);
    model->whole = true;
}

static int take_greeting(struct model *model, const struct record_greeting *greeting)
{
    model->gone = false;
    return kept_store(RECORD_GREETING, &model->greeting, &model->greeting_texts, greeting);
}

/* What a worker runs has begun: of a task that began before anybody looked nobody tells else. */
static int take_worker(struct model *model, const struct wire_frame *frame, const union record *record)
{
    const struct record_worker *said = &record->worker;
    int code = pools_take(&model->pools, frame, record);
    if (code < 0 || said->task == 0 || said->since_ns == 0)
        return code;
    const union record begun = { .task_begun = { .pool = said->pool,
                                                 .task = said->task,
                                                 .item = said->item,
                                                 .items = said->items,
                                                 .function = said->function,
                                                 .worker = said->worker,
                                                 .pid = said->pid,
                                                 .attempt = said->attempt,
                                                 .begun_ns = said->since_ns,
                                                 .label = said->label,
                                                 .argument = said->argument,
                                                 .submitted_ns = said->submitted_ns } };
    return tasks_take(&model->tasks, RECORD_TASK_BEGUN, &begun);
}

/* A task's end is one of the events of its pool, and a bar of its lane. */
static int take_ended(struct model *model, const struct wire_frame *frame, const union record *record)
{
    int code = events_take(&model->events, frame->type, record);
    if (code == 0)
        code = bars_take(&model->bars, &record->task_ended);
    if (code == 0)
        code = pools_take_run(&model->pools, &record->task_ended);
    return code < 0 ? code : tasks_take(&model->tasks, frame->type, record);
}

/* It comes again when more is known of it: it is one. */
static int take_death(struct model *model, const union record *record)
{
    uint64_t known = model->events.death_total;
    int code = events_take(&model->events, RECORD_DEATH, record);
    struct model_pool *pool = pools_find(&model->pools, record->death.pool);
    if (pool != NULL && !record->death.expected && model->events.death_total > known)
        death_times_note(&pool->deaths, record->death.time_ns);
    return code;
}

static int take(struct model *model, const struct wire_frame *frame, const union record *record)
{
    switch (frame->type) {
    case RECORD_GREETING:
        return take_greeting(model, &record->greeting);
    case RECORD_SNAPSHOT_BEGIN:
        begin_snapshot(model);
        return 0;
    case RECORD_SNAPSHOT_END:
        end_snapshot(model);
        return 0;
    case RECORD_COST:
        take_cost(model, frame, &record->cost);
        return 0;
    case RECORD_ENDED:
        model->ended = true;
        return 0;
    case RECORD_POOL:
    case RECORD_COUNTS:
    case RECORD_FUNCTION:
    case RECORD_FUNCTION_STATS:
    case RECORD_FUNCTION_BINS:
    case RECORD_MAP:
        return pools_take(&model->pools, frame, record);
    case RECORD_WORKER:
        return take_worker(model, frame, record);
    case RECORD_TASK_QUEUED:
    case RECORD_TASK_BEGUN:
        return tasks_take(&model->tasks, frame->type, record);
    case RECORD_TASK_ENDED:
        return take_ended(model, frame, record);
    case RECORD_DEATH:
        return take_death(model, record);
    case RECORD_LOG:
    case RECORD_OUTPUT:
    case RECORD_LOST:
        return events_take(&model->events, frame->type, record);
    case RECORD_OBJECT:
    case RECORD_WAITER:
        return objects_take(&model->objects, frame, record);
    default:
        return 0;
    }
}

/* The histories get what held until now before what holds from now on. */
int model_take(struct model *model, const struct wire_frame *frame, const union record *record)
{
    model->records++;
    model_tick(model, frame->time_ns);
    if (frame->time_ns > model->heard_ns)
        model->heard_ns = frame->time_ns;
    return take(model, frame, record);
}

void model_tick(struct model *model, int64_t now_ns)
{
    if (now_ns <= model->now_ns)
        return;
    model->now_ns = now_ns;
    pools_tick(&model->pools, now_ns);
}

int64_t model_known_ns(const struct model *model)
{
    return model->heard_ns != 0 && model->heard_ns < model->now_ns ? model->heard_ns : model->now_ns;
}

bool model_worker_run_ns(const struct model *model, const struct model_worker *worker, int64_t *ret_ns)
{
    *ret_ns = model_known_ns(model) - worker->said.since_ns;
    return worker->said.task != 0 && worker->said.since_ns > 0;
}

bool model_worker_is_slow(const struct model *model, const struct model_pool *pool, const struct model_worker *worker,
                          double *ret_ratio)
{
    int64_t run_ns;
    return worker->said.state == MPROC_WORKER_BUSY && worker->said.items <= 1 &&
           model_worker_run_ns(model, worker, &run_ns) &&
           function_is_slow(pool_function_at(pool, worker->said.function), run_ns, ret_ratio);
}

void model_silence(struct model *model)
{
    if (model->heard_ns != 0)
        model->now_ns = model->heard_ns;
    pools_silence(&model->pools, model->now_ns);
}

void model_end(struct model *model)
{
    model->gone = true;
}

void model_look(struct model *model, bool is_looked_at)
{
    looks_set(&model->looks, is_looked_at, model->now_ns);
}

void model_set_told_of_tasks(struct model *model, bool is_told)
{
    bars_set_blind(&model->bars, !is_told, model->now_ns);
}

/* ---- Questions ---- */

bool model_is_over(const struct model *model, const struct model_pool *pool)
{
    return model->ended || model->gone || pool->said.phase >= RECORD_PHASE_OVER;
}

struct record_counts model_counts(const struct model *model, const struct model_pool *pool)
{
    struct record_counts counts = pool->counts;
    if (model_is_over(model, pool))
        counts.running = counts.queued = 0;
    return counts;
}

int64_t model_wall_ns(const struct model *model, int64_t time_ns)
{
    return model->greeting.wall_ns == 0 ? 0 : model->greeting.wall_ns + (time_ns - model->greeting.now_ns);
}

bool model_cost(const struct model *model, double *ret_cpu, double *ret_events)
{
    const struct record_cost *now = &model->cost, *before = &model->cost_before;
    double elapsed = (double)(model->cost_ns - model->cost_before_ns);
    if (model->cost_before_ns == 0 || now->cpu_ns < before->cpu_ns || now->events < before->events)
        return false;
    *ret_cpu = (double)(now->cpu_ns - before->cpu_ns) / elapsed;
    *ret_events = (double)(now->events - before->events) * NS_PER_S / elapsed;
    return true;
}

static const struct model_worker *worker_with(const struct model_pool *pool, int64_t pid)
{
    for (size_t i = 0; i < pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(pool, i);
        if (worker != NULL && worker->said.pid == pid)
            return worker;
    }
    return NULL;
}

bool model_worker_of(const struct model *model, int64_t pid, const struct model_pool **ret_pool,
                     const struct model_worker **ret_worker)
{
    for (size_t i = 0; i < model->pools.all.count; i++) {
        *ret_pool = pools_at(&model->pools, i);
        *ret_worker = worker_with(*ret_pool, pid);
        if ((*ret_pool)->said.kind == MPROC_POOL_PROCESSES && *ret_worker != NULL)
            return true;
    }
    return false;
}
