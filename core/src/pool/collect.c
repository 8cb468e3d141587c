#include "pool/collect.h"
#include "base/base.h"
#include "base/copy.h"
#include "base/log.h"
#include "pool/finish.h"
#include "pool/flight.h"
#include "pool/job.h"
#include "pool/link.h"
#include "pool/map_items.h"
#include "pool/notes.h"
#include "pool/pool.h"
#include "pool/remains.h"
#include "pool/retry.h"
#include "pool/saved_task.h"
#include "pool/span_code.h"
#include "pool/verdict.h"
#include "process/task.h"
#include <string.h>

/* Completions taken at a time. */
#define COLLECT_BATCH 16

/* ---- Calls ---- */

_Static_assert(sizeof((struct job *)NULL)->small == TASK_INLINE_BYTES, "it is filled from a completion");

static bool keep_value(struct job *job, const struct completion *completion)
{
    job_drop_argument(job);
    if (completion->span == 0 && !completion->is_heap && completion->size <= sizeof job->small) {
        task_copy_small(job->small, completion->data, completion->size);
        job->value = job->small;
        job->value_size = completion->size;
        return true;
    }
    const struct payload value = { .place = completion->span != 0 ? PLACE_SPAN
                                            : completion->is_heap ? PLACE_HEAP
                                                                  : PLACE_JOB,
                                   .data = completion->data,
                                   .size = completion->size,
                                   .span = completion->span };
    return mproc__job_keep_value(job, &value) == 0;
}

/* For the choice of workers copies count as the function does: the worker is busy with them. Jobs with handles do not
 * count: how long somebody was served tells how long his stay was, and nothing is ever queued behind one. */
static void learn_time(struct worker *worker, const struct completion *completion)
{
    mproc_pool *pool = worker->pool;
    int64_t ns = completion->run_ns;
    worker->account.tasks++;
    worker->account.busy_ns += ns;
    if (unlikely(completion->copied != 0))
        ns += platform_ticks_ns(span_ticks(completion->copied));
    if (job_handles(completion->job) == NULL)
        pool->mean_ns = pool->mean_ns < 0 ? ns : pool->mean_ns + (ns - pool->mean_ns) / 8;
}

static void call_failed(struct job *job, const struct completion *completion)
{
    char message[TASK_MESSAGE_BYTES];
    size_t size = completion->size < sizeof message ? completion->size : sizeof message - 1;
    memcpy(message, completion->data, size);
    message[size] = '\0';
    mproc__job_finish(job, completion->code, message, 0);
}

static void call_ended(struct worker *worker, const struct completion *completion)
{
    struct job *job = completion->job;
    mproc__flight_land(worker, job);
    job->run_ns = completion->run_ns;
    job->copied = completion->copied;
    job->wait_ns = completion->started > job->submitted ? platform_ticks_ns(completion->started - job->submitted) : 0;
    learn_time(worker, completion);
    note_call(worker, completion);
    worker->account.failed += completion->code < 0;
    if (completion->code < 0)
        call_failed(job, completion);
    else if (keep_value(job, completion))
        mproc__job_finish(job, 0, NULL, 0);
    else
        mproc__job_finish(job, MPROC_E_NO_MEMORY, "no memory for the task's value", 0);
}

/* ---- Chunks ---- */

static bool item_has_failed(const struct worker *worker, size_t index)
{
    return (worker->failed_items[index / 8] >> index % 8 & 1) != 0;
}

static void forget_failed_items(struct worker *worker)
{
    if (worker->failed_count > 0)
        memset(worker->failed_items, 0, sizeof worker->failed_items);
    worker->failed_count = 0;
}

static void item_failed(struct worker *worker, const struct completion *completion)
{
    const struct job *chunk = completion->job;
    const char *message = completion->data;
    struct item_failure failure = { .item = chunk->extra.item + completion->item,
                                    .count = 1,
                                    .code = completion->code,
                                    .pid = worker->pid,
                                    .worker = worker->index };
    worker->failed_items[completion->item / 8] |= (uint8_t)(1u << completion->item % 8);
    worker->failed_count++;
    worker->account.failed++;
    mproc__map_failed(chunk->extra.group, &failure, message[0] != '\0' ? message : "the kernel failed");
}

/* Copies the output of a chunk's first items but for those that failed, which leave their place as it was. */
static void copy_items(const struct worker *worker, const struct job *chunk, const unsigned char *results, size_t count)
{
    const struct batch *batch = chunk->extra.group->extra.batch;
    size_t size = batch->out_size;
    if (size == 0 || count == 0)
        return;
    unsigned char *out = batch->out + chunk->extra.item * size;
    if (worker->failed_count == 0) {
        mproc__copy(out, results, count * size);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!item_has_failed(worker, i))
            memcpy(out + i * size, results + i * size, size);
}

static void chunk_ended(struct worker *worker, const struct completion *completion)
{
    struct job *chunk = completion->job, *map = chunk->extra.group;
    struct batch *batch = map->extra.batch;
    size_t count = chunk->extra.item_count;
    int64_t item_ns = completion->run_ns / (int64_t)count;
    mproc__flight_land(worker, chunk);
    learn_time(worker, completion);
    worker->account.chunks++;
    worker->pool->stats.chunks++;
    worker->pool->stats.items += count;
    batch->item_ns = batch->item_ns < 0 ? item_ns : (batch->item_ns + item_ns) / 2;
    map->run_ns += completion->run_ns;
    copy_items(worker, chunk, completion->data, count);
    note_chunk(worker, completion);
    forget_failed_items(worker);
    mproc__job_finish(chunk, 0, NULL, 0);
    mproc__map_items_finished(map, count);
}

/* ---- Completions ---- */

static void deal_with(struct worker *worker, const struct completion *completion)
{
    if (completion->kind == COMPLETION_ITEM)
        item_failed(worker, completion);
    else if (completion->job->kind == JOB_KIND_CHUNK)
        chunk_ended(worker, completion);
    else
        call_ended(worker, completion);
}

static const struct verdict broke_protocol = {
    .code = MPROC_E_WORKER_DIED, .reason = "what it wrote made no sense", .is_counted = true, .may_retry = true
};

static void distrust(struct worker *worker)
{
    worker->mute = true;
    /* Of a limit that a task before this one was over. */
    if (!worker->killed)
        worker->reason[0] = '\0';
    mproc__worker_kill(worker, &broke_protocol);
    mproc__log(MPROC_LOG_ERROR, "%s: what worker %d (pid %lld) wrote makes no sense; it is killed", worker->pool->name,
               worker->index, (long long)worker->pid);
}

unsigned mproc__collect(struct worker *worker)
{
    struct completion completions[COLLECT_BATCH];
    unsigned taken = 0;
    int count;
    if (worker->link == NULL || worker->mute)
        return 0;
    while ((count = link_take(worker->link, completions, COLLECT_BATCH)) > 0) {
        note_time(worker->pool);
        for (int i = 0; i < count; i++)
            deal_with(worker, &completions[i]);
        taken += (unsigned)count;
    }
    if (count < 0)
        distrust(worker);
    return taken;
}

/* ---- Orphans ---- */

struct death {
    int code;
    const char *text;
    struct link_end *end;
    struct remains *remains; /**< with the worker's stack, as soon as there are any */
};

/* An attempt has ended with its worker: of a chunk, that of the item with this index. Returns whether there is another
 * one. */
static bool count_death(const struct worker *worker, const struct job *job, size_t index, const struct death *death)
{
    bool again = mproc__retry_allowed(job, worker->verdict);
    worker->pool->stats.retried += again;
    note_died(worker, job, index, again, death->text);
    return again;
}

/* What is left of a task that died with its worker; the worker's stack is that of the first. A task whose worker was
 * killed for a reason of the pool's is not saved: nothing in it would show. */
static struct remains *find_remains(const struct worker *worker, const struct job *job, size_t index,
                                    struct death *death)
{
    struct crash_report *crash = death->end->crash;
    char *path = worker->verdict == &mproc__verdict_died ? mproc__saved_task_write(job, index) : NULL;
    death->end->crash = NULL;
    struct remains *remains = mproc__remains_new(crash, path);
    if (crash != NULL)
        death->remains = mproc__remains_hold(remains);
    return remains;
}

/* The item that was under way fails with its worker, unless it had failed by itself and was about to be counted as
 * finished. */
static void fail_item(const struct worker *worker, const struct job *chunk, size_t index, struct death *death)
{
    struct item_failure failure = { .item = chunk->extra.item + index,
                                    .count = 1,
                                    .code = death->code,
                                    .pid = worker->pid,
                                    .exit_code = death->end->exit_code,
                                    .worker = worker->index };
    if (worker->failed_count > 0 && item_has_failed(worker, index))
        return;
    failure.remains = find_remains(worker, chunk, index, death);
    mproc__map_failed(chunk->extra.group, &failure, death->text);
    mproc__remains_put(failure.remains);
}

/* The first items of a chunk have ended; the rest of it, if there is one, runs elsewhere. */
static void cut_chunk(struct job *chunk, size_t ended)
{
    const struct batch *batch = chunk->extra.group->extra.batch;
    if (ended == chunk->extra.item_count) {
        mproc__job_finish(chunk, 0, NULL, 0);
        return;
    }
    job_extra(chunk)->item += ended;
    job_extra(chunk)->item_count -= ended;
    chunk->argument = batch->in + chunk->extra.item * batch->in_size;
    chunk->argument_size = chunk->extra.item_count * batch->in_size;
    mproc__flight_requeue(chunk);
}

/* The items behind the one that was cancelled while it ran do not run elsewhere. Returns how many they are. */
static size_t cancel_rest(const struct worker *worker, const struct job *chunk, size_t index, const struct death *death)
{
    size_t count = chunk->extra.item_count - index;
    if (worker->verdict != &mproc__verdict_cancelled || count == 0)
        return 0;
    struct item_failure failure = {
        .item = chunk->extra.item + index, .count = count, .code = death->code, .worker = -1
    };
    mproc__map_failed(chunk->extra.group, &failure, "the item was cancelled before it started");
    return count;
}

/* Of a chunk whose worker died the finished items are good: their output is in the stream of the dead. The item that
 * was under way fails, or is tried again; the items after it run elsewhere. */
static void orphan_chunk(struct worker *worker, struct job *chunk, const struct job_trace *trace, struct death *death)
{
    struct job *map = chunk->extra.group;
    size_t ended = trace->finished;
    copy_items(worker, chunk, trace->results, ended);
    worker->pool->stats.items += ended;
    note_finished(worker, chunk, ended);
    /* Attempts count for the chunk's first item; another one that was under way was so for the first time. */
    if (ended > 0)
        chunk->attempt = 1;
    if (ended < chunk->extra.item_count && !count_death(worker, chunk, ended, death)) {
        fail_item(worker, chunk, ended, death);
        ended++;
        chunk->attempt = 0;
        ended += cancel_rest(worker, chunk, ended, death);
    }
    cut_chunk(chunk, ended);
    mproc__map_items_finished(map, ended);
}

static void orphan_started(struct worker *worker, struct job *job, const struct job_trace *trace, struct death *death)
{
    if (job->kind == JOB_KIND_CHUNK) {
        orphan_chunk(worker, job, trace, death);
    } else if (count_death(worker, job, 0, death)) {
        mproc__flight_requeue(job);
    } else {
        struct remains *remains = find_remains(worker, job, 0, death);
        mproc__job_finish_with(job, death->code, death->text, death->end->exit_code, remains);
        mproc__remains_put(remains);
    }
}

struct remains *mproc__collect_orphans(struct worker *worker, const char *text, struct link_end *end)
{
    struct death death = { worker->verdict->code, text, end, NULL };
    struct job *job;
    /* From the last to the first, so that the unstarted ones come to lie in order at the head of the queue. */
    while ((job = worker->jobs.tail) != NULL) {
        struct job_trace trace = link_trace(worker->link, job);
        mproc__flight_land(worker, job);
        if (trace.started) {
            orphan_started(worker, job, &trace, &death);
        } else {
            job->attempt--;
            job->pid = 0;
            mproc__flight_requeue(job);
        }
    }
    /* Nothing has failed: the task is tried again, or there was none. */
    if (end->crash != NULL)
        death.remains = mproc__remains_new(end->crash, NULL);
    end->crash = NULL;
    return death.remains;
}
