#include "pool/trace_hear.h"
#include "pool/annex.h"
#include "pool/function_names.h"
#include "pool/teller.h"
#include "pool/teller_layout.h"
#include <stdlib.h>

/* ---- Beginning and ending ---- */

static struct event_ring *ring_of(const struct worker *worker)
{
    struct teller_area *area = mproc__annex_memory(link_annexes(worker->link), &mproc__teller_annex);
    return &area->events;
}

struct trace_worker *mproc__trace_heard(struct trace *trace, const struct worker *worker)
{
    struct trace_worker **place = &trace->workers[worker->index];
    if (*place != NULL || worker->link == NULL)
        return *place;
    struct trace_worker *heard = *place = calloc(1, sizeof **place);
    if (heard == NULL)
        return NULL;
    heard->events = (struct event_reader){ .ring = ring_of(worker) };
    /* Before it begins to lose any. */
    mproc__event_loss(&heard->events, &heard->seen);
    mproc__event_skip(&heard->events);
    mproc__annex_want(link_annexes(worker->link), &mproc__teller_annex, true);
    return heard;
}

void mproc__trace_forget(struct trace *trace, const struct worker *worker)
{
    if (trace != NULL) {
        free(trace->workers[worker->index]);
        trace->workers[worker->index] = NULL;
    }
    mproc__annex_want(link_annexes(worker->link), &mproc__teller_annex, false);
}

/* ---- What is heard ---- */

static void note_begun(struct trace *trace, const struct worker *worker, const struct job *job,
                       const struct event *event)
{
    struct record_task_begun *record =
        mproc__trace_add(worker->pool, RECORD_TASK_BEGUN, RECORD_CLASS_DETAIL, event->preview_size);
    if (record == NULL)
        return;
    *record = (struct record_task_begun){ .pool = worker->pool->number,
                                          .task = job->number,
                                          .item = mproc__job_item(job),
                                          .items = job->kind == JOB_KIND_CHUNK ? job->extra.item_count : 1,
                                          .function = mproc__function_number(job),
                                          .worker = (uint32_t)worker->index,
                                          .pid = worker->pid,
                                          .attempt = job->attempt,
                                          .begun_ns = trace_time(&trace->clock, event->ticks),
                                          .submitted_ns = trace_time(&trace->clock, job->submitted) };
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
    } else if (trace_is_about(event, job)) {
        heard->begun = *event;
        heard->has_begun = true;
        heard->has_ended = false;
        note_begun(trace, worker, job, event);
    } else {
        mproc__trace_lose(trace, RECORD_CLASS_DETAIL, 1, event->ticks, event->ticks);
    }
}

/* Whether it tells of a later job than this one. */
static bool is_later(const struct trace_worker *heard, const struct worker *worker, const struct job *job)
{
    const struct event *event = &heard->next;
    if (event->kind != EVENT_BEGUN || trace_is_about(event, job))
        return false;
    return (heard->has_begun && trace_is_about(&heard->begun, job)) || trace_is_about(event, worker->jobs.head);
}

/* Takes what the worker has told of the job, and of none after it, whose own time will come. */
struct trace_worker *mproc__trace_hear(struct trace *trace, const struct worker *worker, const struct job *job)
{
    struct trace_worker *heard = trace_wants_detail(trace) ? mproc__trace_heard(trace, worker) : NULL;
    if (heard == NULL || worker->link == NULL)
        return NULL;
    while (heard->has_next || mproc__event_take(&heard->events, &heard->next)) {
        heard->has_next = true;
        if (is_later(heard, worker, job))
            break;
        deal_with(trace, heard, worker, job);
        if (heard->has_ended && trace_is_about(&heard->ended, job))
            break;
    }
    return heard;
}

static void count_loss(struct trace *trace, struct trace_worker *heard)
{
    struct event_loss loss;
    mproc__event_loss(&heard->events, &loss);
    /* One that has gone down was scribbled over. */
    if (loss.count > heard->seen.count)
        mproc__trace_lose(trace, RECORD_CLASS_DETAIL, loss.count - heard->seen.count,
                          loss.from > heard->seen.to ? loss.from : heard->seen.to, loss.to);
    heard->seen = loss;
}

void mproc__trace_gather_last(const struct worker *worker)
{
    struct trace *trace = worker->pool->trace;
    struct trace_worker *heard = mproc__trace_hear(trace, worker, worker->jobs.head);
    if (heard != NULL)
        count_loss(trace, heard);
}

void mproc__trace_gather(mproc_pool *pool)
{
    for (int i = 0; i < pool->worker_count; i++)
        if (pool_worker(pool, i)->link != NULL)
            mproc__trace_gather_last(pool_worker(pool, i));
}

const struct event *mproc__trace_begun(const struct worker *worker, const struct job *job)
{
    const struct trace *trace = worker->pool->trace;
    const struct trace_worker *heard = trace != NULL ? trace->workers[worker->index] : NULL;
    return heard != NULL && heard->has_begun && trace_is_about(&heard->begun, job) ? &heard->begun : NULL;
}
