#include "pool/look.h"
#include "pool/accounts.h"
#include "pool/function_names.h"
#include "pool/service.h"
#include "pool/state.h"
#include "pool/totals.h"
#include "trace/wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of workers whose usage is asked for at a time. */
#define MEASURED_MAX 64
/* For how long the same two readings of the clocks serve. */
#define CLOCK_NS 1000000000
/* Of maps that are told of: those that are under way are few, since what was submitted first runs first. */
#define MAPS_MAX 64u
/* Jobs that wait, as far as their maps are looked for. */
#define JOBS_ASKED 256u
/* Left by freed pools, and not fetched: the events of more are dropped. */
#define LEFT_MAX 64u

/* ---- Room ---- */

static size_t state_bytes(const mproc_pool *pool)
{
    size_t workers = (size_t)pool->worker_count, functions = FUNCTIONS_MAX + 1;
    size_t death_texts = TASK_MESSAGE_BYTES + EVENT_LABEL_BYTES + EVENT_PREVIEW_BYTES + OUTPUT_TAIL_BYTES;
    return 2 * mproc__journal_needs(RECORD_POOL, CHILD_NAME_MAX + TASK_MESSAGE_BYTES) +
           mproc__journal_needs(RECORD_COUNTS, 0) +
           workers * mproc__journal_needs(RECORD_WORKER, EVENT_LABEL_BYTES + EVENT_PREVIEW_BYTES) +
           MAPS_MAX * mproc__journal_needs(RECORD_MAP, 0) +
           functions * (mproc__journal_needs(RECORD_FUNCTION, MPROC_STATS_NAME_BYTES + MPROC_STATS_PLACE_BYTES) +
                        mproc__journal_needs(RECORD_FUNCTION_STATS, 0)) +
           OBITUARIES_KEPT * mproc__journal_needs(RECORD_DEATH, death_texts) +
           (2 * TRACE_CLASSES + 1) * mproc__journal_needs(RECORD_LOST, 0);
}

static bool make_room(struct look *look, const mproc_pool *pool)
{
    size_t needed = state_bytes(pool);
    if (look->state != NULL && mproc__journal_size(look->state) >= needed)
        return true;
    mproc__journal_free(look->state);
    look->state = mproc__journal_new(needed);
    return look->state != NULL;
}

static void *add(struct look *look, enum record_type type, size_t text_bytes)
{
    return mproc__journal_add(look->state, type, text_bytes, 0);
}

static struct record_text put(struct look *look, const char *text)
{
    return mproc__journal_text(look->state, text, strlen(text));
}

/* ---- The pool ---- */

static enum record_phase phase_of(const mproc_pool *pool)
{
    return pool->done && pool->phase != POOL_BROKEN ? RECORD_PHASE_OVER : (enum record_phase)pool->phase;
}

static void look_at_pool(struct look *look, const mproc_pool *pool, const struct trace_clock *clock,
                         enum record_phase phase)
{
    struct record_pool *record = add(look, RECORD_POOL, CHILD_NAME_MAX + TASK_MESSAGE_BYTES);
    if (record == NULL)
        return;
    bool is_process = pool->options.kind == MPROC_POOL_PROCESSES;
    *record = (struct record_pool){ .pool = pool->number,
                                    .kind = (uint8_t)pool->options.kind,
                                    .method = is_process ? (uint8_t)pool->processes.method : 0,
                                    .phase = (uint8_t)phase,
                                    .paused = pool->is_paused,
                                    .control = pool->options.monitor_control != 0,
                                    .statistics = pool->accounts != NULL,
                                    .min_workers = (uint32_t)pool->options.min_workers,
                                    .max_workers = (uint32_t)pool->options.workers,
                                    .target = (uint32_t)pool->target,
                                    .max_queued = pool->options.max_queued,
                                    .created_ns = trace_time(clock, pool->created) };
    record->name = put(look, pool->name);
    record->reason = put(look, pool->broken_text);
}

static void look_at_counts(struct look *look, const mproc_pool *pool)
{
    struct record_counts *record = add(look, RECORD_COUNTS, 0);
    if (record == NULL)
        return;
    mproc_pool_stats stats = mproc__totals(pool);
    *record = (struct record_counts){ .pool = pool->number,
                                      .workers = (uint32_t)stats.workers,
                                      .idle = (uint32_t)stats.idle,
                                      .queued = stats.queued,
                                      .running = stats.running,
                                      .submitted = stats.submitted,
                                      .succeeded = stats.succeeded,
                                      .failed = stats.failed,
                                      .cancelled = stats.cancelled,
                                      .retried = stats.retried,
                                      .deaths = stats.deaths,
                                      .restarts = stats.restarts,
                                      .busy_ns = stats.busy_ns,
                                      .chunks = stats.chunks,
                                      .items = stats.items,
                                      .oldest_ns = stats.oldest_ns };
}

/* ---- Workers ---- */

static void measure(struct worker *worker)
{
    const struct link_ops *ops = worker->pool->ops;
    if (worker->link == NULL)
        return;
    worker->usage.is_stopped = link_look(worker->link, LINK_STOPPED);
    /* Of one that is about to be found dead what was known stays. */
    if (ops->memory != NULL)
        link_memory(worker->link, &worker->usage.memory);
    if (ops->cpu_time != NULL)
        link_cpu_time(worker->link, &worker->usage.cpu_ns);
}

static void measure_some(mproc_pool *pool)
{
    int count = pool->worker_count < MEASURED_MAX ? pool->worker_count : MEASURED_MAX;
    while (count-- > 0) {
        if (pool->next_measured >= pool->worker_count)
            pool->next_measured = 0;
        measure(pool_worker(pool, pool->next_measured++));
    }
}

static void look_at_task(struct look *look, const struct worker *worker, const struct job *job,
                         const struct trace_clock *clock, struct record_worker *record)
{
    char label[EVENT_LABEL_BYTES];
    const struct event *begun = mproc__trace_begun(worker, job);
    record->task = job->number;
    record->item = mproc__job_item(job);
    record->items = job->kind == JOB_KIND_CHUNK ? job->item_count : 1;
    record->attempt = job->attempt;
    record->function = mproc__function_number(job);
    record->since_ns = trace_time(clock, link_trace(worker->link, job).running_since);
    record->label = mproc__journal_text(look->state, label, link_label(worker->link, job, label));
    if (begun != NULL)
        record->argument = mproc__journal_text(look->state, begun->preview, begun->preview_size);
}

static void look_at_worker(struct look *look, const struct worker *worker, const struct trace_clock *clock)
{
    struct record_worker *record = add(look, RECORD_WORKER, EVENT_LABEL_BYTES + EVENT_PREVIEW_BYTES);
    if (record == NULL)
        return;
    const struct worker_account *account = &worker->account;
    const struct job *job = worker->jobs.head;
    bool is_running = job != NULL && link_trace(worker->link, job).started;
    *record = (struct record_worker){ .pool = worker->pool->number,
                                      .worker = (uint32_t)worker->index,
                                      .state = (uint8_t)mproc__totals_state(worker, is_running),
                                      .stopped = worker->usage.is_stopped,
                                      .pid = worker->pid,
                                      .lives = (uint64_t)account->lives,
                                      .ready_ns = trace_time(clock, account->ready),
                                      .start_ns = account->start_ns,
                                      .init_ns = account->init_ns,
                                      .tasks = account->tasks,
                                      .chunks = account->chunks,
                                      .failed = account->failed,
                                      .busy_ns = (uint64_t)account->busy_ns,
                                      .held = worker->in_flight,
                                      .item = -1,
                                      .cpu_ns = worker->usage.cpu_ns,
                                      .memory = worker->usage.memory };
    if (is_running)
        look_at_task(look, worker, job, clock, record);
}

static void look_at_workers(struct look *look, const mproc_pool *pool, const struct trace_clock *clock)
{
    for (int i = 0; i < pool->worker_count; i++)
        look_at_worker(look, pool_worker(pool, i), clock);
}

/* ---- Maps ---- */

struct maps {
    const struct job *seen[MAPS_MAX];
    unsigned count;
};

static void look_at_map(struct look *look, struct maps *maps, const struct job *map, const struct trace_clock *clock)
{
    for (unsigned i = maps->count; i-- > 0;)
        if (maps->seen[i] == map)
            return;
    struct record_map *record = maps->count < MAPS_MAX ? add(look, RECORD_MAP, 0) : NULL;
    if (record == NULL)
        return;
    maps->seen[maps->count++] = map;
    const struct batch *batch = map->batch;
    *record = (struct record_map){ .pool = map->pool->number,
                                   .task = map->number,
                                   .function = mproc__function_number(map),
                                   .items = batch->count,
                                   .done = batch->count - batch->remaining,
                                   .failed = batch->failed,
                                   .submitted_ns = trace_time(clock, map->submitted) };
}

static void look_at_jobs(struct look *look, struct maps *maps, const struct job *first, const struct trace_clock *clock)
{
    unsigned left = JOBS_ASKED;
    for (const struct job *job = first; job != NULL && left-- > 0; job = job->next)
        if (job->kind == JOB_KIND_MAP || job->group != NULL)
            look_at_map(look, maps, job->group != NULL ? job->group : job, clock);
}

static void look_at_maps(struct look *look, const mproc_pool *pool, const struct trace_clock *clock)
{
    struct maps maps = { .count = 0 };
    for (int i = 0; i < pool->worker_count; i++)
        look_at_jobs(look, &maps, pool_worker(pool, i)->jobs.head, clock);
    look_at_jobs(look, &maps, pool->pending.head, clock);
}

/* ---- Functions ---- */

static void look_at_accounts(struct look *look, mproc_pool *pool)
{
    for (size_t i = 0; i < mproc__accounts_count(pool->accounts); i++) {
        mproc_function_stats stats;
        struct record_function_stats *record = add(look, RECORD_FUNCTION_STATS, 0);
        if (record == NULL)
            return;
        mproc__accounts_read(mproc__accounts_at(pool->accounts, i), &stats);
        *record = (struct record_function_stats){ .pool = pool->number,
                                                  .function = mproc__function_number_of(pool, i),
                                                  .succeeded = stats.succeeded,
                                                  .failed = stats.failed,
                                                  .cancelled = stats.cancelled,
                                                  .died = stats.died,
                                                  .retried = stats.retried,
                                                  .chunks = stats.chunks,
                                                  .items = stats.items,
                                                  .run_count = stats.run.count,
                                                  .run_total_ns = stats.run.total_ns,
                                                  .run_min_ns = stats.run.min_ns,
                                                  .run_max_ns = stats.run.max_ns,
                                                  .run_p50_ns = stats.run.p50_ns,
                                                  .run_p90_ns = stats.run.p90_ns,
                                                  .run_p99_ns = stats.run.p99_ns,
                                                  .run_p999_ns = stats.run.p999_ns,
                                                  .wait_count = stats.wait.count,
                                                  .wait_total_ns = stats.wait.total_ns,
                                                  .wait_p50_ns = stats.wait.p50_ns,
                                                  .wait_p90_ns = stats.wait.p90_ns,
                                                  .wait_p99_ns = stats.wait.p99_ns,
                                                  .wait_max_ns = stats.wait.max_ns,
                                                  .queued_ns = stats.queued_ns,
                                                  .copy_ns = stats.copy_ns,
                                                  .return_ns = stats.return_ns };
    }
}

/* A name that only the symbol table knows is put in later: to ask it takes a lock of the system's. */
static struct record_text look_at_name(struct look *look, const struct call_name *name)
{
    static const char empty[MPROC_STATS_NAME_BYTES];
    if (name->text[0] != '\0' || look->unnamed_count == FUNCTIONS_MAX)
        return put(look, name->text);
    struct record_text place = mproc__journal_text(look->state, empty, sizeof empty);
    look->unnamed_place[look->unnamed_count] = place.data;
    look->unnamed[look->unnamed_count++] = name->function;
    return place;
}

static void look_at_names(struct look *look, mproc_pool *pool, uint32_t first)
{
    for (uint32_t number = first; number <= mproc__function_count(pool); number++) {
        const struct call_name *name = mproc__function_name(pool, number);
        struct record_function *record = add(look, RECORD_FUNCTION, sizeof name->text + sizeof name->where);
        if (record == NULL)
            return;
        record->pool = pool->number;
        record->function = number;
        record->name = look_at_name(look, name);
        record->place = put(look, name->where);
        pool->functions_told = number;
    }
}

/* ---- Deaths ---- */

static void look_at_death(struct look *look, mproc_pool *pool, struct obituary *obituary)
{
    size_t cause_size = strlen(obituary->cause);
    size_t texts_size = cause_size + obituary->label_size + obituary->argument_size + obituary->output_size;
    struct record_death *record = add(look, RECORD_DEATH, texts_size);
    if (record == NULL)
        return;
    *record = obituary->record;
    record->cause = mproc__journal_text(look->state, obituary->cause, cause_size);
    record->label = mproc__journal_text(look->state, obituary->label, obituary->label_size);
    record->argument = mproc__journal_text(look->state, obituary->argument, obituary->argument_size);
    record->output = mproc__journal_text(look->state, obituary->output, obituary->output_size);
    obituary->is_told = true;
    if (obituary->remains == NULL)
        return;
    look->held = pool;
    look->died[look->remains_count] = record;
    look->remains[look->remains_count++] = mproc__remains_hold(obituary->remains);
}

/* The oldest first. */
static void look_at_deaths(struct look *look, mproc_pool *pool, bool all)
{
    struct obituaries *obituaries = pool->obituaries;
    for (uint64_t i = 0; obituaries != NULL && i < OBITUARIES_KEPT; i++) {
        struct obituary *obituary = obituaries->kept[(obituaries->count + i) % OBITUARIES_KEPT];
        if (obituary != NULL && (all || !obituary->is_told))
            look_at_death(look, pool, obituary);
    }
    /* The struct, and the lock of the remains, outlive the pool's end. */
    if (look->held != NULL)
        pool->references++;
}

/* ---- Losses ---- */

static void look_at_loss(struct look *look, const mproc_pool *pool, enum record_class class, uint64_t count,
                         int64_t from_ns, int64_t to_ns)
{
    struct record_lost *record = add(look, RECORD_LOST, 0);
    if (record != NULL)
        *record = (struct record_lost){ .kind = (uint8_t) class,
                                        .count = count,
                                        .from_ns = from_ns,
                                        .to_ns = to_ns,
                                        .pool = pool->number,
                                        .worker = -1 };
}

static void look_at_losses(struct look *look, mproc_pool *pool, const struct trace_clock *clock)
{
    struct obituaries *obituaries = pool->obituaries;
    for (int class = 0; pool->trace != NULL && class < TRACE_CLASSES; class ++) {
        struct trace_loss *loss = &pool->trace->lost[class];
        if (loss->count > 0)
            look_at_loss(look, pool, (enum record_class) class, loss->count, trace_time(clock, loss->from),
                         trace_time(clock, loss->to));
        *loss = (struct trace_loss){ .count = 0 };
    }
    if (obituaries == NULL || obituaries->untold == 0)
        return;
    look_at_loss(look, pool, RECORD_CLASS_LIFE, obituaries->untold, 0, clock->ns);
    obituaries->untold = 0;
}

/* ---- The look ---- */

/* What has happened goes with the look, and whoever was told before leaves his empty journal here. */
static void exchange_events(struct look *look, mproc_pool *pool)
{
    struct trace *trace = pool->trace;
    if (trace == NULL)
        return;
    mproc__trace_gather(pool);
    struct journal *empty = look->events != NULL ? look->events : mproc__trace_journal();
    look->events = trace->journal;
    trace->journal = empty;
}

/* Ticks and the clock go apart a little all the time, and each pair of them is read a little apart. With the same pair
 * for a second, what has not changed is told as it was. */
static struct trace_clock clock_of(mproc_pool *pool)
{
    int64_t now = platform_now_ns();
    if (pool->looked_ns == 0 || now - pool->looked_ns > CLOCK_NS) {
        pool->looked_ticks = platform_ticks();
        pool->looked_ns = now;
    }
    return (struct trace_clock){ pool->looked_ticks, pool->looked_ns };
}

static void look_at_all(struct look *look, mproc_pool *pool, unsigned what, bool is_gone)
{
    const struct trace_clock clock = clock_of(pool);
    look_at_pool(look, pool, &clock, phase_of(pool));
    if (is_gone)
        look_at_pool(look, pool, &clock, RECORD_PHASE_GONE);
    look_at_counts(look, pool);
    look_at_workers(look, pool, &clock);
    look_at_maps(look, pool, &clock);
    look_at_losses(look, pool, &clock);
    if ((what & OBSERVE_FUNCTIONS) != 0 && pool->accounts != NULL)
        look_at_accounts(look, pool);
    look_at_deaths(look, pool, (what & OBSERVE_ALL) != 0);
    /* At last, since all before may have met new ones. */
    look_at_names(look, pool, (what & OBSERVE_ALL) != 0 ? 1 : pool->functions_told + 1);
}

void mproc__look_take(struct look *look, mproc_pool *pool, unsigned what)
{
    if (!make_room(look, pool))
        return;
    mproc__pool_service(pool);
    if ((what & OBSERVE_PROCESSES) != 0)
        measure_some(pool);
    exchange_events(look, pool);
    look_at_all(look, pool, what, false);
}

/* ---- Telling ---- */

static void name_the_unnamed(struct look *look)
{
    for (uint32_t i = 0; i < look->unnamed_count; i++)
        platform_symbol_name((const void *)(uintptr_t)look->unnamed[i], (char *)(uintptr_t)look->unnamed_place[i],
                             MPROC_STATS_NAME_BYTES);
    look->unnamed_count = 0;
}

static void add_stacks(struct look *look)
{
    for (uint32_t i = 0; i < look->remains_count; i++) {
        const char *stack = mproc__remains_stack(look->remains[i]);
        look->died[i]->stack = (struct record_text){ stack, (uint32_t)strlen(stack) };
    }
}

static void drop_stacks(struct look *look)
{
    mproc_pool *pool = look->held;
    if (pool == NULL)
        return;
    platform_mutex_lock(&pool->lock);
    for (uint32_t i = 0; i < look->remains_count; i++)
        mproc__remains_put(look->remains[i]);
    look->remains_count = 0;
    look->held = NULL;
    pool->references--;
    mproc__pool_unlock(pool);
}

/* In this order: what is named by others comes before them, and the end at last. */
enum { TELL_NAMES, TELL_STATE, TELL_EVENTS, TELL_ENDS, TELL_TURNS };

static int turn_of(enum record_type type, bool is_gone)
{
    switch (type) {
    case RECORD_POOL:
        return is_gone ? TELL_ENDS : TELL_NAMES;
    case RECORD_FUNCTION:
        return TELL_NAMES;
    case RECORD_DEATH:
    case RECORD_LOST:
        return TELL_EVENTS;
    default:
        return TELL_STATE;
    }
}

static void tell_all(struct journal *journal, observe_sink *sink, void *user)
{
    enum record_type type;
    void *record = NULL;
    while (journal != NULL && (record = mproc__journal_next(journal, record, &type)) != NULL)
        sink(user, type, record);
}

static bool is_of_gone(enum record_type type, const void *record)
{
    return type == RECORD_POOL && ((const struct record_pool *)record)->phase == RECORD_PHASE_GONE;
}

static void cut_name(enum record_type type, void *record)
{
    struct record_function *function = record;
    if (type != RECORD_FUNCTION)
        return;
    const char *end = memchr(function->name.data, '\0', function->name.size);
    if (end != NULL)
        function->name.size = (uint32_t)(end - function->name.data);
}

static void tell_turn(struct journal *state, int turn, observe_sink *sink, void *user)
{
    enum record_type type;
    void *record = NULL;
    while ((record = mproc__journal_next(state, record, &type)) != NULL) {
        if (turn_of(type, is_of_gone(type, record)) != turn)
            continue;
        cut_name(type, record);
        sink(user, type, record);
    }
}

void mproc__look_tell(struct look *look, observe_sink *sink, void *user)
{
    if (look->state == NULL)
        return;
    name_the_unnamed(look);
    add_stacks(look);
    for (int turn = 0; turn < TELL_TURNS; turn++) {
        if (turn == TELL_EVENTS)
            tell_all(look->events, sink, user);
        tell_turn(look->state, turn, sink, user);
    }
    drop_stacks(look);
    mproc__journal_clear(look->state);
    if (look->events != NULL)
        mproc__journal_clear(look->events);
}

void mproc__look_end(struct look *look)
{
    drop_stacks(look);
    mproc__journal_free(look->state);
    mproc__journal_free(look->events);
    look->state = look->events = NULL;
}

/* ---- What freed pools leave ---- */

static struct {
    platform_mutex lock;
    struct look *first, *last;
    unsigned count;
} left = { .lock = PLATFORM_MUTEX_INIT };

void mproc__look_adopt(void)
{
    platform_mutex_init(&left.lock);
    left.first = left.last = NULL;
    left.count = 0;
}

/* A map's end is missed like what it lived through. */
static enum record_class lost_class(enum record_type type)
{
    unsigned class = mproc__wire_type(type)->class;
    return class != RECORD_CLASS_STATE ? (enum record_class) class : RECORD_CLASS_LIFE;
}

static void drop_events(struct look *look, const mproc_pool *pool)
{
    uint64_t count[TRACE_CLASSES] = { 0 };
    enum record_type type;
    void *record = NULL;
    while (look->events != NULL && (record = mproc__journal_next(look->events, record, &type)) != NULL)
        count[lost_class(type)]++;
    for (int class = 0; class < TRACE_CLASSES; class ++)
        if (count[class] > 0)
            look_at_loss(look, pool, (enum record_class) class, count[class], 0, platform_now_ns());
    mproc__journal_free(look->events);
    look->events = NULL;
}

static void leave(struct look *look, const mproc_pool *pool)
{
    platform_mutex_lock(&left.lock);
    if (left.last != NULL)
        left.last->next = look;
    else
        left.first = look;
    left.last = look;
    if (++left.count > LEFT_MAX)
        drop_events(look, pool);
    platform_mutex_unlock(&left.lock);
}

void mproc__look_leave(mproc_pool *pool)
{
    struct look *look = pool->trace != NULL ? calloc(1, sizeof *look) : NULL;
    if (look == NULL)
        return;
    if (!make_room(look, pool)) {
        free(look);
        return;
    }
    exchange_events(look, pool);
    look_at_all(look, pool, OBSERVE_FUNCTIONS, true);
    mproc__trace_want(pool, 0);
    leave(look, pool);
}

struct look *mproc__look_last(void)
{
    platform_mutex_lock(&left.lock);
    struct look *look = left.first;
    if (look != NULL) {
        left.first = look->next;
        left.last = left.first != NULL ? left.last : NULL;
        left.count--;
    }
    platform_mutex_unlock(&left.lock);
    return look;
}

void mproc__look_drop_all(void)
{
    struct look *look;
    while ((look = mproc__look_last()) != NULL) {
        mproc__look_end(look);
        free(look);
    }
}
