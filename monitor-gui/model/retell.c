#include "model/retell.h"

#include <mproc/base.h>
#include <stdlib.h>

#define NS_PER_S INT64_C(1000000000)

struct teller {
    retell_fn *take;
    void *user;
    uint64_t sequence;
    int64_t now_ns;
    int code; /* of the first call that failed: no more are made */
};

static void tell(struct teller *teller, unsigned type, const void *record)
{
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++teller->sequence, .time_ns = teller->now_ns };
    if (teller->code == 0)
        teller->code = teller->take(&frame, record, teller->user);
}

/* ---- How things stand ---- */

static void tell_pool(struct teller *teller, const struct model_pool *pool)
{
    tell(teller, RECORD_POOL, &pool->said);
    for (size_t i = 1; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, (uint32_t)i);
        if (function != NULL)
            tell(teller, RECORD_FUNCTION, &function->said);
    }
}

static void tell_figures(struct teller *teller, const struct model_pool *pool)
{
    if (pool->counts.pool != 0)
        tell(teller, RECORD_COUNTS, &pool->counts);
    for (size_t i = 1; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, (uint32_t)i);
        if (function != NULL && function->stats.function != 0)
            tell(teller, RECORD_FUNCTION_STATS, &function->stats);
    }
    for (size_t i = 0; i < pool->maps.count; i++)
        tell(teller, RECORD_MAP, &pool_map_at(pool, i)->said);
    for (size_t i = 0; i < pool->workers.count; i++)
        if (pool_worker_at(pool, i) != NULL)
            tell(teller, RECORD_WORKER, &pool_worker_at(pool, i)->said);
}

static void tell_objects(struct teller *teller, const struct objects *objects)
{
    for (size_t i = 0; i < objects->all.count; i++)
        tell(teller, RECORD_OBJECT, &objects_at(objects, i)->said);
    for (size_t i = 0; i < objects->waiters.count; i++)
        tell(teller, RECORD_WAITER, &objects_waiter_at(objects, i)->said);
}

static void tell_names(struct teller *teller, const struct model *model)
{
    for (size_t i = 0; i < model->pools.all.count; i++)
        tell_pool(teller, pools_at(&model->pools, i));
}

/* What figures were at the beginning is not known any more. */
static void tell_snapshot(struct teller *teller, const struct model *model, bool has_figures)
{
    const struct record_snapshot_begin begin = { 0 };
    const struct record_snapshot_end end = { 0 };
    tell(teller, RECORD_SNAPSHOT_BEGIN, &begin);
    tell_names(teller, model);
    for (size_t i = 0; has_figures && i < model->pools.all.count; i++)
        tell_figures(teller, pools_at(&model->pools, i));
    if (has_figures)
        tell_objects(teller, &model->objects);
    tell(teller, RECORD_SNAPSHOT_END, &end);
}

/* ---- What happened ---- */

/* A record that is to be told at its time; of what was never told of there is none. */
struct event {
    int64_t time_ns;
    uint64_t order; /* of those of one time */
    const void *record;
    unsigned type;
};

struct story {
    struct event *events;
    size_t count, capacity;
    struct record_counts *counts; /* what was known of whole seconds */
};

static void add(struct story *story, unsigned type, int64_t time_ns, const void *record)
{
    if (story->count < story->capacity)
        story->events[story->count] = (struct event){ time_ns, story->count, record, type };
    story->count++;
}

static void add_task(struct story *story, const struct model_task *task)
{
    if (task->queued.task != 0)
        add(story, RECORD_TASK_QUEUED, task->queued.submitted_ns, &task->queued);
    if (task->begun.task != 0)
        add(story, RECORD_TASK_BEGUN, task->begun.begun_ns, &task->begun);
    if (task->ended.task != 0)
        add(story, RECORD_TASK_ENDED, task->ended.ended_ns, &task->ended);
}

/* How much was done and queued in each of the last seconds; how much of it had failed by then is a guess. */
static struct record_counts counts_at(const struct model_pool *pool, const struct history_sample *sample)
{
    struct record_counts counts = pool->counts;
    counts.failed = counts.failed < sample->done ? counts.failed : sample->done;
    counts.succeeded = sample->done - counts.failed;
    counts.queued = sample->queued;
    counts.oldest_ns = 0;
    return counts;
}

/* Returns how many there are; counts: NULL to learn just that. */
static size_t add_seconds(struct story *story, const struct model *model, struct record_counts *counts)
{
    size_t count = 0;
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *pool = pools_at(&model->pools, i);
        for (int64_t second = pool->history.first; pool->history.begun && second <= pool->history.last; second++) {
            const struct history_sample *sample = history_at(&pool->history, second);
            if (sample == NULL)
                continue;
            if (counts != NULL) {
                counts[count] = counts_at(pool, sample);
                add(story, RECORD_COUNTS, second * NS_PER_S, &counts[count]);
            }
            count++;
        }
    }
    return count;
}

/* The oldest first, for those of one time. */
static void collect(struct story *story, const struct model *model)
{
    const struct events *events = &model->events;
    for (uint32_t i = tasks_count(&model->tasks); i-- > 0;)
        add_task(story, tasks_at(&model->tasks, i));
    for (uint64_t i = events_death_count(events); i-- > 0;)
        add(story, RECORD_DEATH, events_death_at(events, i)->said.time_ns, &events_death_at(events, i)->said);
    for (uint64_t i = events_line_count(events); i-- > 0;)
        add(story, RECORD_LOG, events_line_at(events, i)->said.time_ns, &events_line_at(events, i)->said);
    for (uint64_t i = events_loss_count(events); i-- > 0;)
        add(story, RECORD_LOST, events_loss_at(events, i)->to_ns, events_loss_at(events, i));
}

static int compare(const void *one, const void *other)
{
    const struct event *a = one, *b = other;
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* Counted first, then made. */
static int make_story(struct story *story, const struct model *model)
{
    size_t seconds = add_seconds(story, model, NULL);
    collect(story, model);
    story->capacity = story->count + seconds;
    story->count = 0;
    story->events = malloc((story->capacity + 1) * sizeof *story->events);
    story->counts = malloc((seconds + 1) * sizeof *story->counts);
    if (story->events == NULL || story->counts == NULL)
        return MPROC_E_NO_MEMORY;
    collect(story, model);
    add_seconds(story, model, story->counts);
    qsort(story->events, story->count, sizeof *story->events, compare);
    return 0;
}

static void free_story(struct story *story)
{
    free(story->events);
    free(story->counts);
}

/* ---- All of it ---- */

/* What a worker wrote to stderr is kept as a line without a level. */
static void tell_line(struct teller *teller, const struct record_log *line)
{
    const struct record_output output = { line->time_ns, line->pool, line->worker, line->pid, line->text };
    if (line->level == 0)
        tell(teller, RECORD_OUTPUT, &output);
    else
        tell(teller, RECORD_LOG, line);
}

static void tell_story(struct teller *teller, const struct story *story)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = &story->events[i];
        if (event->time_ns > teller->now_ns)
            teller->now_ns = event->time_ns;
        if (event->type == RECORD_LOG)
            tell_line(teller, event->record);
        else
            tell(teller, event->type, event->record);
    }
}

/* Nothing is told of what was before the first that is known. */
static int64_t begin_of(const struct story *story, const struct model *model)
{
    bool is_earlier = story->count > 0 && story->events[0].time_ns < model->now_ns;
    return is_earlier ? story->events[0].time_ns : model->now_ns;
}

static void tell_all(struct teller *teller, const struct story *story, const struct model *model)
{
    teller->now_ns = begin_of(story, model);
    tell(teller, RECORD_GREETING, &model->greeting);
    tell_snapshot(teller, model, false);
    tell_story(teller, story);
    if (teller->now_ns < model->now_ns)
        teller->now_ns = model->now_ns;
    tell_snapshot(teller, model, true);
    if (model->ended)
        tell(teller, RECORD_ENDED, &(const struct record_ended){ 0 });
}

int retell(const struct model *model, retell_fn *take, void *user)
{
    struct story story = { NULL, 0, 0, NULL };
    struct teller teller = { .take = take, .user = user };
    teller.code = make_story(&story, model);
    if (teller.code == 0)
        tell_all(&teller, &story, model);
    free_story(&story);
    return teller.code;
}
