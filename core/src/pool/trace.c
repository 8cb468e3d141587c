#include "pool/trace.h"
#include "pool/function_names.h"
#include "pool/span_code.h"
#include "process/task.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of events between two looks. */
#define JOURNAL_BYTES ((size_t)512 << 10)
/* That what may be done without leaves to what may not. */
#define SPARED_BYTES (JOURNAL_BYTES / 2)
/* Longer texts are cut, as records have it. */
#define ERROR_BYTES 512u
/* Of maps, whose ends are states and find room beside all that may be lost. */
#define MAPS_SPARED 64u
/* What the largest record takes, about. */
#define FULL_BYTES ((size_t)2048)

/* ---- Beginning and ceasing ---- */

static bool wants_detail(const struct trace *trace)
{
    return (trace->wants & RECORD_WANTS_DETAIL) != 0;
}

struct journal *mproc__trace_journal(void)
{
    return mproc__journal_new(JOURNAL_BYTES);
}

static struct trace *new_trace(void)
{
    struct trace *trace = calloc(1, sizeof *trace);
    if (trace == NULL)
        return NULL;
    trace->journal = mproc__trace_journal();
    trace->clock = trace_clock_now();
    return trace;
}

static void free_trace(struct trace *trace)
{
    if (trace == NULL)
        return;
    mproc__journal_free(trace->journal);
    for (int i = 0; i < POOL_MAX_WORKERS; i++)
        free(trace->workers[i]);
    free(trace);
}

/* What it lost before anybody listened is nothing to tell of. */
static struct trace_worker *heard_of(struct trace *trace, const struct worker *worker)
{
    struct trace_worker **place = &trace->workers[worker->index];
    if (*place != NULL || worker->link == NULL)
        return *place;
    *place = calloc(1, sizeof **place);
    if (*place != NULL)
        (*place)->seen = link_event_loss(worker->link);
    return *place;
}

void mproc__trace_link(const struct worker *worker)
{
    struct trace *trace = worker->pool->trace;
    if (worker->link == NULL)
        return;
    if (trace != NULL) {
        free(trace->workers[worker->index]);
        trace->workers[worker->index] = NULL;
    }
    bool wants = trace != NULL && wants_detail(trace);
    /* Before it begins to lose any. */
    if (wants)
        heard_of(trace, worker);
    link_want_events(worker->link, wants);
}

void mproc__trace_want(mproc_pool *pool, uint32_t wants)
{
    bool had_detail = pool->trace != NULL && wants_detail(pool->trace);
    wants &= RECORD_WANTS_LIFE | RECORD_WANTS_DETAIL;
    if (wants == 0) {
        free_trace(pool->trace);
        pool->trace = NULL;
    } else if (pool->trace == NULL) {
        pool->trace = new_trace();
    }
    if (pool->trace != NULL)
        pool->trace->wants = wants;
    if (had_detail != (pool->trace != NULL && wants_detail(pool->trace)))
        for (int i = 0; i < pool->worker_count; i++)
            mproc__trace_link(pool_worker(pool, i));
}

/* ---- Losses ---- */

static void lose(struct trace *trace, enum record_class class, uint64_t count, int64_t from, int64_t to)
{
    struct trace_loss *loss = &trace->lost[class];
    if (loss->count == 0 || from < loss->from)
        loss->from = from;
    if (loss->count == 0 || to > loss->to)
        loss->to = to;
    loss->count += count;
}

/* When somebody last came by is good enough: where much is lost, somebody does all the time. */
static void lose_one(const mproc_pool *pool, enum record_class class)
{
    lose(pool->trace, class, 1, pool->ticks, pool->ticks);
}

static size_t spared_for_maps(void)
{
    return MAPS_SPARED * mproc__journal_needs(RECORD_MAP, 0);
}

/* Room for a record, or one lost. */
static void *add(const mproc_pool *pool, enum record_type type, enum record_class class, size_t text_bytes)
{
    struct journal *journal = pool->trace->journal;
    size_t spared = class == RECORD_CLASS_DETAIL ? SPARED_BYTES : type == RECORD_MAP ? 0 : spared_for_maps();
    void *record = journal != NULL ? mproc__journal_add(journal, type, text_bytes, spared) : NULL;
    if (record == NULL)
        lose_one(pool, class);
    return record;
}

/* ---- What workers tell ---- */

static int64_t first_item(const struct job *job)
{
    return job->kind == JOB_KIND_CHUNK ? (int64_t)job->item : -1;
}

static bool is_about(const struct event *event, const struct job *job)
{
    return job != NULL && event->task == job->number && event->item == first_item(job);
}

static void note_begun(struct trace *trace, const struct worker *worker, const struct job *job,
                       const struct event *event)
{
    struct record_task_begun *record = add(worker->pool, RECORD_TASK_BEGUN, RECORD_CLASS_DETAIL, event->preview_size);
    if (record == NULL)
        return;
    *record = (struct record_task_begun){ .pool = worker->pool->number,
                                          .task = job->number,
                                          .item = mproc__job_item(job),
                                          .items = job->kind == JOB_KIND_CHUNK ? job->item_count : 1,
                                          .function = mproc__function_number(job),
                                          .worker = (uint32_t)worker->index,
                                          .pid = worker->pid,
                                          .attempt = job->attempt,
                                          .begun_ns = trace_time(&trace->clock, event->ticks) };
    record->argument = mproc__journal_text(trace->journal, event->preview, event->preview_size);
}

/* A begin of which the end was told before is one that came too late. */
static void deal_with(struct trace *trace, struct trace_worker *heard, const struct worker *worker,
                      const struct job *job)
{
    const struct event *event = &heard->next;
    heard->has_next = false;
    if (event->kind == EVENT_ENDED) {
        heard->ended = *event;
        heard->has_ended = true;
    } else if (is_about(event, job)) {
        heard->begun = *event;
        heard->has_begun = true;
        heard->has_ended = false;
        note_begun(trace, worker, job, event);
    } else {
        lose(trace, RECORD_CLASS_DETAIL, 1, event->ticks, event->ticks);
    }
}

/* Whether it tells of a later job than this one. */
static bool is_later(const struct trace_worker *heard, const struct worker *worker, const struct job *job)
{
    const struct event *event = &heard->next;
    if (event->kind != EVENT_BEGUN || is_about(event, job))
        return false;
    return (heard->has_begun && is_about(&heard->begun, job)) || is_about(event, worker->jobs.head);
}

/* Takes what the worker has told of the job, and of none after it, whose own time will come. */
static struct trace_worker *hear(struct trace *trace, const struct worker *worker, const struct job *job)
{
    struct trace_worker *heard = wants_detail(trace) ? heard_of(trace, worker) : NULL;
    if (heard == NULL || worker->link == NULL)
        return NULL;
    while (heard->has_next || link_take_event(worker->link, &heard->next)) {
        heard->has_next = true;
        if (is_later(heard, worker, job))
            break;
        deal_with(trace, heard, worker, job);
        if (heard->has_ended && is_about(&heard->ended, job))
            break;
    }
    return heard;
}

static void count_loss(struct trace *trace, struct trace_worker *heard, const struct link *link)
{
    struct event_loss loss = link_event_loss(link);
    /* One that has gone down was scribbled over. */
    if (loss.count > heard->seen.count)
        lose(trace, RECORD_CLASS_DETAIL, loss.count - heard->seen.count,
             loss.from > heard->seen.to ? loss.from : heard->seen.to, loss.to);
    heard->seen = loss;
}

void mproc__trace_gather_last(const struct worker *worker)
{
    struct trace *trace = worker->pool->trace;
    struct trace_worker *heard = hear(trace, worker, worker->jobs.head);
    if (heard != NULL)
        count_loss(trace, heard, worker->link);
}

void mproc__trace_gather(mproc_pool *pool)
{
    for (int i = 0; i < pool->worker_count; i++)
        if (pool_worker(pool, i)->link != NULL)
            mproc__trace_gather_last(pool_worker(pool, i));
    pool->trace->clock = trace_clock_now();
}

const struct event *mproc__trace_begun(const struct worker *worker, const struct job *job)
{
    const struct trace *trace = worker->pool->trace;
    const struct trace_worker *heard = trace != NULL ? trace->workers[worker->index] : NULL;
    return heard != NULL && heard->has_begun && is_about(&heard->begun, job) ? &heard->begun : NULL;
}

/* ---- Tasks that come ---- */

void mproc__trace_queued(const struct job *job)
{
    struct trace *trace = job->pool->trace;
    if (!wants_detail(trace) || job->kind == JOB_KIND_BATCH)
        return;
    struct record_task_queued *record = add(job->pool, RECORD_TASK_QUEUED, RECORD_CLASS_DETAIL, 0);
    if (record == NULL)
        return;
    bool is_map = job->kind == JOB_KIND_MAP;
    *record = (struct record_task_queued){ .pool = job->pool->number,
                                           .task = job->number,
                                           .item = is_map ? 0 : mproc__job_item(job),
                                           .items = is_map ? job->batch->count : 1,
                                           .function = mproc__function_number(job),
                                           .submitted_ns = trace_time(&trace->clock, job->submitted),
                                           .priority = job->priority };
}

/* ---- Tasks that end ---- */

/* What has ended, as far as it is not the job's to say. */
struct ending {
    enum record_end end;
    int code;
    int64_t item;
    uint64_t items;
    const struct worker *worker; /* that ran it, or NULL */
    const char *message;
    int64_t begun_ns, ended_ns, run_ns;
};

static const struct event no_event;

/* Then nothing is taken from workers either, which soon have no room themselves: all that an event costs from there on
 * is that it is counted. */
static bool is_full(const struct trace *trace)
{
    return trace->journal == NULL || mproc__journal_room(trace->journal) < FULL_BYTES + spared_for_maps();
}

/* The job has been in this worker's hands until now. */
static const struct worker *worker_of(const struct job *job)
{
    const mproc_pool *pool = job->pool;
    return job->worker >= 0 && job->worker < pool->worker_count ? pool_worker(pool, job->worker) : NULL;
}

static size_t text_size(const char *text, size_t most)
{
    size_t size = text != NULL ? strlen(text) : 0;
    return size < most ? size : most;
}

static void note_ended(const struct job *job, const struct ending *ending)
{
    struct trace *trace = job->pool->trace;
    if (is_full(trace)) {
        lose_one(job->pool, RECORD_CLASS_LIFE);
        return;
    }
    const struct trace_worker *heard = ending->worker != NULL ? hear(trace, ending->worker, job) : NULL;
    bool is_begun = heard != NULL && heard->has_begun && is_about(&heard->begun, job);
    bool is_ended = heard != NULL && heard->has_ended && is_about(&heard->ended, job);
    const struct event *begun = is_begun ? &heard->begun : &no_event, *ended = is_ended ? &heard->ended : &no_event;
    size_t error_size = text_size(ending->message, ERROR_BYTES);
    struct record_task_ended *record = add(job->pool, RECORD_TASK_ENDED, RECORD_CLASS_LIFE,
                                           begun->preview_size + ended->preview_size + ended->label_size + error_size);
    if (record == NULL)
        return;
    bool is_chunk = job->kind == JOB_KIND_CHUNK;
    *record = (struct record_task_ended){ .pool = job->pool->number,
                                          .task = job->number,
                                          .item = ending->item,
                                          .items = ending->items,
                                          .function = mproc__function_number(job),
                                          .worker = ending->worker != NULL ? ending->worker->index : -1,
                                          .pid = ending->worker != NULL ? ending->worker->pid : 0,
                                          .attempt = job->attempt,
                                          .end = (uint8_t)ending->end,
                                          .code = ending->code,
                                          .submitted_ns = trace_time(&trace->clock, job->submitted),
                                          .begun_ns = ending->begun_ns,
                                          .ended_ns = ending->ended_ns,
                                          .wait_ns = is_chunk ? 0 : job->wait_ns,
                                          .queued_ns = platform_ticks_ns(span_ticks(job->queued)),
                                          .copy_ns = platform_ticks_ns(span_ticks(job->copied)),
                                          .run_ns = ending->run_ns,
                                          .return_ns = platform_ticks_ns(span_ticks(job->returned)) };
    record->label = mproc__journal_text(trace->journal, ended->label, ended->label_size);
    record->argument = mproc__journal_text(trace->journal, begun->preview, begun->preview_size);
    record->result = mproc__journal_text(trace->journal, ended->preview, ended->preview_size);
    record->error = mproc__journal_text(trace->journal, ending->message, error_size);
}

static enum record_end end_of(const mproc_pool *pool, int code)
{
    if (code == 0)
        return RECORD_END_DONE;
    if (code == MPROC_E_CANCELLED)
        return RECORD_END_CANCELLED;
    bool is_cut_short = pool->phase == POOL_TERMINATED || pool->phase == POOL_BROKEN;
    bool is_its_code = code == (pool->phase == POOL_BROKEN ? pool->broken_code : MPROC_E_TERMINATED);
    return is_cut_short && is_its_code ? RECORD_END_ABANDONED : RECORD_END_FAILED;
}

static void note_call(const struct job *job, int code, const char *message)
{
    const struct trace_clock *clock = &job->pool->trace->clock;
    struct ending ending = { .end = end_of(job->pool, code),
                             .code = code,
                             .item = mproc__job_item(job),
                             .items = 1,
                             .worker = worker_of(job),
                             .message = code < 0 ? message : NULL,
                             .run_ns = job->run_ns };
    bool has_run = ending.worker != NULL && (ending.end == RECORD_END_DONE || ending.end == RECORD_END_FAILED);
    if (has_run) {
        ending.begun_ns = trace_time(clock, job->submitted) + job->wait_ns;
        ending.ended_ns = ending.begun_ns + job->run_ns + platform_ticks_ns(span_ticks(job->copied));
    } else {
        ending.ended_ns = platform_now_ns();
    }
    note_ended(job, &ending);
}

/* Of a map or batch, as a whole. */
static void note_map(const struct job *map)
{
    struct trace *trace = map->pool->trace;
    struct record_map *record = add(map->pool, RECORD_MAP, RECORD_CLASS_LIFE, 0);
    if (record == NULL)
        return;
    *record = (struct record_map){ .pool = map->pool->number,
                                   .task = map->number,
                                   .function = mproc__function_number(map),
                                   .items = map->batch->count,
                                   .done = map->batch->count,
                                   .failed = map->batch->failed,
                                   .submitted_ns = trace_time(&trace->clock, map->submitted),
                                   .ended = 1 };
}

void mproc__trace_ended(const struct job *job, int code, const char *message)
{
    if (job->kind == JOB_KIND_CALL)
        note_call(job, code, message);
    else if (job->kind == JOB_KIND_MAP || job->kind == JOB_KIND_BATCH)
        note_map(job);
}

/* Items of the chunk that its worker has told of, as far as they failed. */
static unsigned failed_among(const struct worker *worker, uint64_t count)
{
    unsigned failed = 0;
    for (uint64_t i = 0; worker->failed_count > 0 && i < count; i++)
        failed += worker->failed_items[i / 8] >> i % 8 & 1;
    return failed;
}

/* Chunks of other workers fail in between. NULL: there was no memory to keep it. */
static const struct item_failure *last_failure(const struct batch *batch, uint64_t first, uint64_t count)
{
    for (size_t i = batch->failure_count; i-- > 0;)
        if (batch->failures[i].item >= first && batch->failures[i].item - first < count)
            return &batch->failures[i];
    return NULL;
}

/* The first items of a chunk, or all. */
static void note_items(const struct job *chunk, struct ending *ending)
{
    char text[TASK_MESSAGE_BYTES];
    unsigned failed = failed_among(ending->worker, ending->items);
    if (failed > 0) {
        const struct item_failure *last = last_failure(chunk->group->batch, (uint64_t)ending->item, ending->items);
        ending->end = RECORD_END_FAILED;
        ending->code = last != NULL ? last->code : MPROC_E_NO_MEMORY;
        snprintf(text, sizeof text, "%u of %llu items failed: %s", failed, (unsigned long long)ending->items,
                 last != NULL ? last->message : "there was no memory to keep why");
        ending->message = text;
    }
    note_ended(chunk, ending);
}

void mproc__trace_chunk(const struct worker *worker, const struct completion *completion)
{
    const struct job *chunk = completion->job;
    const struct trace_clock *clock = &worker->pool->trace->clock;
    struct ending ending = { .end = RECORD_END_DONE,
                             .item = (int64_t)chunk->item,
                             .items = chunk->item_count,
                             .worker = worker,
                             .begun_ns = trace_time(clock, completion->started),
                             .ended_ns = trace_time(clock, completion->ended),
                             .run_ns = completion->run_ns };
    note_items(chunk, &ending);
}

void mproc__trace_finished(const struct worker *worker, const struct job *chunk, size_t count)
{
    if (count > 0)
        note_items(chunk, &(struct ending){ .end = RECORD_END_DONE,
                                            .item = (int64_t)chunk->item,
                                            .items = count,
                                            .worker = worker,
                                            .ended_ns = platform_now_ns() });
}

static enum record_end end_by(enum verdict verdict)
{
    if (verdict == VERDICT_TIME_LIMIT || verdict == VERDICT_MEMORY_LIMIT)
        return RECORD_END_LIMIT;
    return verdict == VERDICT_CANCELLED ? RECORD_END_CANCELLED : RECORD_END_DIED;
}

void mproc__trace_died(const struct worker *worker, const struct job *job, size_t index, bool again, const char *text)
{
    const struct trace_clock *clock = &worker->pool->trace->clock;
    int64_t item = mproc__job_item(job), now = platform_now_ns();
    int64_t begun = trace_time(clock, link_trace(worker->link, job).running_since);
    note_ended(job, &(struct ending){ .end = again ? RECORD_END_RETRIED : end_by(worker->verdict),
                                      .code = mproc__verdict_code(worker->verdict),
                                      .item = item < 0 ? -1 : item + (int64_t)index,
                                      .items = 1,
                                      .worker = worker,
                                      .message = text,
                                      .begun_ns = begun,
                                      .ended_ns = now,
                                      .run_ns = begun > 0 && begun < now ? now - begun : 0 });
}

void mproc__trace_items(const struct job *map, const struct item_failure *failure, const char *message)
{
    note_ended(map, &(struct ending){ .end = end_of(map->pool, failure->code),
                                      .code = failure->code,
                                      .item = (int64_t)failure->item,
                                      .items = failure->count,
                                      .message = message,
                                      .ended_ns = platform_now_ns() });
}
