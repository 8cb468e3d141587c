#include "pool/trace_tasks.h"
#include "pool/failed.h"
#include "pool/function_names.h"
#include "pool/span_code.h"
#include "pool/trace_hear.h"
#include "process/task.h"
#include <stdio.h>
#include <string.h>

/* Longer texts are cut, as records have it. */
#define ERROR_BYTES 512u

/* ---- Tasks that come ---- */

void mproc__trace_queued(const struct job *job)
{
    struct trace *trace = job->pool->trace;
    if (!trace_wants_detail(trace) || job->kind == JOB_KIND_BATCH)
        return;
    struct record_task_queued *record = mproc__trace_add(job->pool, RECORD_TASK_QUEUED, RECORD_CLASS_DETAIL, 0);
    if (record == NULL)
        return;
    bool is_map = job->kind == JOB_KIND_MAP;
    *record = (struct record_task_queued){ .pool = job->pool->number,
                                           .task = job->number,
                                           .item = is_map ? 0 : mproc__job_item(job),
                                           .items = is_map ? job->extra.batch->count : 1,
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

static bool is_retriable(const struct job *job, enum record_end end)
{
    return (end == RECORD_END_FAILED || end == RECORD_END_DIED || end == RECORD_END_LIMIT) &&
           mproc__failed_is_kept(job);
}

static void note_ended(const struct job *job, const struct ending *ending)
{
    struct trace *trace = job->pool->trace;
    if (trace_loses(job->pool, RECORD_CLASS_LIFE))
        return;
    if (mproc__trace_is_full(trace)) {
        mproc__trace_begin_losing(job->pool, RECORD_CLASS_LIFE);
        return;
    }
    const struct trace_worker *heard = ending->worker != NULL ? mproc__trace_hear(trace, ending->worker, job) : NULL;
    bool is_begun = heard != NULL && heard->has_begun && trace_is_about(&heard->begun, job);
    bool is_ended = heard != NULL && heard->has_ended && trace_is_about(&heard->ended, job);
    const struct event *begun = is_begun ? &heard->begun : &no_event, *ended = is_ended ? &heard->ended : &no_event;
    size_t error_size = text_size(ending->message, ERROR_BYTES);
    struct record_task_ended *record =
        mproc__trace_add(job->pool, RECORD_TASK_ENDED, RECORD_CLASS_LIFE,
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
                                          .return_ns = platform_ticks_ns(span_ticks(job->returned)),
                                          .retriable = is_retriable(job, ending->end) };
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
    struct record_map *record = mproc__trace_add(map->pool, RECORD_MAP, RECORD_CLASS_LIFE, 0);
    if (record == NULL)
        return;
    *record = (struct record_map){ .pool = map->pool->number,
                                   .task = map->number,
                                   .function = mproc__function_number(map),
                                   .items = map->extra.batch->count,
                                   .done = map->extra.batch->count,
                                   .failed = map->extra.batch->failed,
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
        const struct item_failure *last =
            last_failure(chunk->extra.group->extra.batch, (uint64_t)ending->item, ending->items);
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
                             .item = (int64_t)chunk->extra.item,
                             .items = chunk->extra.item_count,
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
                                            .item = (int64_t)chunk->extra.item,
                                            .items = count,
                                            .worker = worker,
                                            .ended_ns = platform_now_ns() });
}

/* What ends a worker, and is neither a death nor a wish, is a limit. */
static enum record_end end_by(int code)
{
    if (code == MPROC_E_CANCELLED)
        return RECORD_END_CANCELLED;
    return code == MPROC_E_WORKER_DIED ? RECORD_END_DIED : RECORD_END_LIMIT;
}

void mproc__trace_died(const struct worker *worker, const struct job *job, size_t index, bool again, const char *text)
{
    const struct trace_clock *clock = &worker->pool->trace->clock;
    int64_t item = mproc__job_item(job), now = platform_now_ns();
    int64_t begun = trace_time(clock, link_trace(worker->link, job).running_since);
    note_ended(job, &(struct ending){ .end = again ? RECORD_END_RETRIED : end_by(worker->verdict->code),
                                      .code = worker->verdict->code,
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
