#include "model/retell.h"

#include <mproc/base.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)

/* Something to be told at its time: a frame that was taken down, or what a task says. */
struct event {
    int64_t time_ns;
    uint64_t order; /* of those of one time */
    const struct model_task *task;
    size_t at; /* of no task: where its frame begins */
    uint16_t type;
};

struct retold {
    unsigned char *bytes; /* frames */
    size_t size, capacity;
    size_t begin_size, end_at; /* the frames before and behind all events */
    struct event *events;
    size_t count, room;
    int64_t now_ns;
    int code; /* of the first call that failed: no more are made */
};

/* ---- Taking down ---- */

static bool grow(struct retold *retold, size_t more)
{
    size_t capacity = retold->capacity > 0 ? retold->capacity : WIRE_OWN_MAX;
    while (capacity - retold->size < more)
        capacity *= 2;
    unsigned char *bytes = capacity > retold->capacity ? realloc(retold->bytes, capacity) : retold->bytes;
    if (bytes == NULL) {
        retold->code = MPROC_E_NO_MEMORY;
        return false;
    }
    retold->bytes = bytes;
    retold->capacity = capacity;
    return true;
}

static void put(struct retold *retold, unsigned type, int64_t time_ns, const void *record)
{
    struct wire_frame frame = { .type = (uint16_t)type, .time_ns = time_ns };
    if (retold->code == 0 && grow(retold, WIRE_OWN_MAX))
        retold->size += mproc__wire_encode(retold->bytes + retold->size, WIRE_OWN_MAX, &frame, record);
}

static void add_event(struct retold *retold, const struct event *event)
{
    if (retold->count == retold->room) {
        size_t room = retold->room > 0 ? 2 * retold->room : 1024;
        struct event *events = realloc(retold->events, room * sizeof *events);
        if (events == NULL) {
            retold->code = MPROC_E_NO_MEMORY;
            return;
        }
        retold->events = events;
        retold->room = room;
    }
    retold->events[retold->count] = *event;
    retold->events[retold->count].order = retold->count;
    retold->count++;
}

static void put_event(struct retold *retold, unsigned type, int64_t time_ns, const void *record)
{
    struct event event = { .time_ns = time_ns, .at = retold->size };
    put(retold, type, time_ns, record);
    if (retold->code == 0)
        add_event(retold, &event);
}

/* ---- How things stand ---- */

static void put_names(struct retold *retold, const struct model_pool *pool, int64_t time_ns)
{
    put(retold, RECORD_POOL, time_ns, &pool->said);
    for (size_t i = 1; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, (uint32_t)i);
        if (function != NULL)
            put(retold, RECORD_FUNCTION, time_ns, &function->said);
    }
}

static void put_figures(struct retold *retold, const struct model_pool *pool)
{
    if (pool->counts.pool != 0)
        put(retold, RECORD_COUNTS, retold->now_ns, &pool->counts);
    for (size_t i = 1; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, (uint32_t)i);
        if (function != NULL && function->stats.function != 0)
            put(retold, RECORD_FUNCTION_STATS, retold->now_ns, &function->stats);
    }
    for (size_t i = 0; i < pool->maps.count; i++)
        put(retold, RECORD_MAP, retold->now_ns, &pool_map_at(pool, i)->said);
    for (size_t i = 0; i < pool->workers.count; i++)
        if (pool_lane_at(pool, i) != NULL)
            put(retold, RECORD_WORKER, retold->now_ns, &pool_lane_at(pool, i)->said);
}

static void put_objects(struct retold *retold, const struct objects *objects)
{
    for (size_t i = 0; i < objects->all.count; i++)
        put(retold, RECORD_OBJECT, retold->now_ns, &objects_at(objects, i)->said);
    for (size_t i = 0; i < objects->waiters.count; i++)
        put(retold, RECORD_WAITER, retold->now_ns, &objects_waiter_at(objects, i)->said);
}

/* What figures were at the beginning is not known any more. Its time is that of the first event, once that is known. */
static void put_begin(struct retold *retold, const struct model *model)
{
    put(retold, RECORD_GREETING, 0, &model->greeting);
    put(retold, RECORD_SNAPSHOT_BEGIN, 0, &(const struct record_snapshot_begin){ 0 });
    for (size_t i = 0; i < model->pools.all.count; i++)
        put_names(retold, pools_at(&model->pools, i), 0);
    put(retold, RECORD_SNAPSHOT_END, 0, &(const struct record_snapshot_end){ 0 });
    retold->begin_size = retold->size;
}

static void put_end(struct retold *retold, const struct model *model)
{
    retold->end_at = retold->size;
    put(retold, RECORD_SNAPSHOT_BEGIN, retold->now_ns, &(const struct record_snapshot_begin){ 0 });
    for (size_t i = 0; i < model->pools.all.count; i++) {
        put_names(retold, pools_at(&model->pools, i), retold->now_ns);
        put_figures(retold, pools_at(&model->pools, i));
    }
    put_objects(retold, &model->objects);
    put(retold, RECORD_SNAPSHOT_END, retold->now_ns, &(const struct record_snapshot_end){ 0 });
    if (model->ended)
        put(retold, RECORD_ENDED, retold->now_ns, &(const struct record_ended){ 0 });
}

/* ---- What happened ---- */

/* What a worker wrote to stderr is kept as a line without a level. */
static void put_line(struct retold *retold, const struct record_log *line)
{
    const struct record_output output = { line->time_ns, line->pool, line->worker, line->pid, line->text };
    if (line->level == 0)
        put_event(retold, RECORD_OUTPUT, line->time_ns, &output);
    else
        put_event(retold, RECORD_LOG, line->time_ns, line);
}

/* The oldest first, for those of one time. */
static void put_events(struct retold *retold, const struct events *events)
{
    for (uint64_t i = events_death_count(events); i-- > 0;)
        put_event(retold, RECORD_DEATH, events_death_at(events, i)->said.time_ns, &events_death_at(events, i)->said);
    for (uint64_t i = events_line_count(events); i-- > 0;)
        put_line(retold, &events_line_at(events, i)->said);
    for (uint64_t i = events_loss_count(events); i-- > 0;)
        put_event(retold, RECORD_LOST, events_loss_at(events, i)->to_ns, events_loss_at(events, i));
}

/* How much was done and queued in one of the last seconds; how much of it had failed by then is a guess. */
static struct record_counts counts_at(const struct model_pool *pool, const struct history_sample *sample)
{
    struct record_counts counts = pool->counts;
    counts.failed = counts.failed < sample->done ? counts.failed : sample->done;
    counts.succeeded = sample->done - counts.failed;
    counts.queued = sample->queued;
    counts.oldest_ns = 0;
    return counts;
}

static void put_seconds(struct retold *retold, const struct model_pool *pool)
{
    const struct history *history = &pool->history;
    for (int64_t second = history->first; history->begun && second <= history->last; second++) {
        const struct history_sample *sample = history_at(history, second);
        if (sample == NULL)
            continue;
        struct record_counts counts = counts_at(pool, sample);
        put_event(retold, RECORD_COUNTS, second * NS_PER_S, &counts);
    }
}

int retell_begin(const struct model *model, struct retold **ret_retold)
{
    struct retold *retold = calloc(1, sizeof *retold);
    if (retold == NULL)
        return MPROC_E_NO_MEMORY;
    retold->now_ns = model->now_ns;
    put_begin(retold, model);
    put_events(retold, &model->events);
    for (size_t i = 0; i < model->pools.all.count; i++)
        put_seconds(retold, pools_at(&model->pools, i));
    put_end(retold, model);
    int code = retold->code;
    if (code == 0)
        *ret_retold = retold;
    else
        retell_end(retold);
    return code;
}

void retell_end(struct retold *retold)
{
    if (retold == NULL)
        return;
    free(retold->events);
    free(retold->bytes);
    free(retold);
}

/* ---- Telling ---- */

static void add_attempt(struct retold *retold, const struct model_task *task)
{
    const int64_t times[] = { task->submitted_ns, task->begun_ns, task->ended_ns };
    static const uint16_t types[] = { RECORD_TASK_QUEUED, RECORD_TASK_BEGUN, RECORD_TASK_ENDED };
    static const uint8_t told[] = { TASK_TOLD_QUEUED, TASK_TOLD_BEGUN, TASK_TOLD_ENDED };
    for (size_t i = 0; i < sizeof told; i++)
        if ((task->told & told[i]) != 0)
            add_event(retold, &(struct event){ .time_ns = times[i], .task = task, .type = types[i] });
}

static void add_task(struct retold *retold, const struct model_task *task)
{
    for (; task != NULL; task = task->earlier)
        add_attempt(retold, task);
}

static int compare(const void *one, const void *other)
{
    const struct event *a = one, *b = other;
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

struct teller {
    retell_fn *take;
    void *user;
    uint64_t sequence;
    int64_t now_ns;
    int code;
};

/* Frames that were taken down are numbered and dated as they are told. */
static void tell_frame(struct teller *teller, const unsigned char *bytes, size_t size)
{
    unsigned char room[WIRE_OWN_MAX];
    struct wire_frame frame;
    union record record;
    if (teller->code < 0 || mproc__wire_decode(bytes, size, &frame, &record) <= 0)
        return;
    frame.sequence = ++teller->sequence;
    frame.time_ns = teller->now_ns;
    size_t length = mproc__wire_encode(room, sizeof room, &frame, &record);
    teller->code = teller->take(room, length, teller->user);
}

static void tell_frames(struct teller *teller, const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        int length = mproc__wire_size(bytes + at, size - at, WIRE_FRAME_MAX);
        tell_frame(teller, bytes + at, (size_t)length);
        at += (size_t)length;
    }
}

static bool as_record(const struct model_task *task, unsigned type, union record *ret_record)
{
    if (type == RECORD_TASK_QUEUED)
        return task_as_queued(task, &ret_record->task_queued);
    if (type == RECORD_TASK_BEGUN)
        return task_as_begun(task, &ret_record->task_begun);
    return task_as_ended(task, &ret_record->task_ended);
}

static void tell_task(struct teller *teller, const struct model_task *task, unsigned type)
{
    unsigned char room[WIRE_OWN_MAX];
    union record record;
    if (teller->code < 0 || !as_record(task, type, &record))
        return;
    struct wire_frame frame = { .type = (uint16_t)type, .sequence = ++teller->sequence, .time_ns = teller->now_ns };
    size_t length = mproc__wire_encode(room, sizeof room, &frame, &record);
    teller->code = teller->take(room, length, teller->user);
}

static void tell_event(struct teller *teller, const struct retold *retold, const struct event *event)
{
    if (event->time_ns > teller->now_ns)
        teller->now_ns = event->time_ns;
    if (event->task != NULL)
        tell_task(teller, event->task, event->type);
    else
        tell_frame(teller, retold->bytes + event->at, retold->size - event->at);
}

int retell_all(struct retold *retold, const struct retell_tasks *tasks, retell_fn *take, void *user)
{
    struct teller teller = { .take = take, .user = user, .now_ns = retold->now_ns };
    for (size_t i = 0; i < tasks->count; i++)
        add_task(retold, tasks->places[(tasks->first + i) % tasks->count]);
    if (retold->code < 0)
        return retold->code;
    if (retold->count > 0)
        qsort(retold->events, retold->count, sizeof *retold->events, compare);
    if (retold->count > 0 && retold->events[0].time_ns < retold->now_ns)
        teller.now_ns = retold->events[0].time_ns;
    tell_frames(&teller, retold->bytes, retold->begin_size);
    for (size_t i = 0; i < retold->count; i++)
        tell_event(&teller, retold, &retold->events[i]);
    if (teller.now_ns < retold->now_ns)
        teller.now_ns = retold->now_ns;
    tell_frames(&teller, retold->bytes + retold->end_at, retold->size - retold->end_at);
    return teller.code;
}
