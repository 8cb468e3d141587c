#include "pool/look_workers.h"
#include "pool/function_names.h"
#include "pool/totals.h"
#include "pool/trace_hear.h"

static void measure(struct worker *worker)
{
    const struct link_ops *ops = worker->pool->ops;
    if (worker->link == NULL)
        return;
    worker->usage.is_stopped = link_look(worker->link, LINK_STOPPED);
    /* Of one that is about to be found dead what was known stays. */
    if (ops->memory != NULL)
        link_memory(worker->link, &worker->usage.memory);
    if (ops->memory_peak != NULL)
        link_memory_peak(worker->link, &worker->usage.memory_peak);
    if (ops->cpu_time != NULL)
        link_cpu_time(worker->link, &worker->usage.cpu_ns);
}

void mproc__look_measure(mproc_pool *pool)
{
    int count = pool->worker_count < RECORD_MEASURED ? pool->worker_count : RECORD_MEASURED;
    while (count-- > 0) {
        if (pool->next_measured >= pool->worker_count)
            pool->next_measured = 0;
        measure(pool_worker(pool, pool->next_measured++));
    }
}

static void look_at_task(struct look *look, const struct worker *worker, const struct job *job,
                         const struct trace_clock *clock, struct record_worker *record)
{
    char label[LABEL_BYTES];
    const struct event *begun = mproc__trace_begun(worker, job);
    record->task = job->number;
    record->item = mproc__job_item(job);
    record->items = job->kind == JOB_KIND_CHUNK ? job->extra.item_count : 1;
    record->attempt = job->attempt;
    record->function = mproc__function_number(job);
    record->submitted_ns = trace_time(clock, job->submitted);
    record->since_ns = trace_time(clock, link_trace(worker->link, job).running_since);
    record->label = mproc__journal_text(look->state, label, link_label(worker->link, job, label));
    if (begun != NULL)
        record->argument = mproc__journal_text(look->state, begun->preview, begun->preview_size);
}

static void look_at_worker(struct look *look, const struct worker *worker, const struct trace_clock *clock)
{
    struct record_worker *record = look_add(look, RECORD_WORKER, LABEL_BYTES + EVENT_PREVIEW_BYTES);
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
                                      .tasks_before = account->tasks_before,
                                      .chunks = account->chunks,
                                      .failed = account->failed,
                                      .busy_ns = (uint64_t)account->busy_ns,
                                      .held = worker->in_flight,
                                      .item = -1,
                                      .cpu_ns = worker->usage.cpu_ns,
                                      .memory = worker->usage.memory,
                                      .peak = worker->usage.memory_peak };
    if (is_running)
        look_at_task(look, worker, job, clock, record);
}

/* A pool that was made smaller drops places as soon as nobody lives there: also between two looks, of which the first
 * told who did. */
static void look_at_dropped_place(struct look *look, const mproc_pool *pool, int index)
{
    struct record_worker *record = look_add(look, RECORD_WORKER, 0);
    if (record != NULL)
        *record = (struct record_worker){
            .pool = pool->number, .worker = (uint32_t)index, .state = MPROC_WORKER_NONE, .item = -1
        };
}

int mproc__look_places(const mproc_pool *pool)
{
    return pool->worker_count > pool->places_told ? pool->worker_count : pool->places_told;
}

void mproc__look_at_workers(struct look *look, mproc_pool *pool, const struct trace_clock *clock)
{
    for (int i = 0; i < pool->worker_count; i++)
        look_at_worker(look, pool_worker(pool, i), clock);
    for (int i = pool->worker_count; i < pool->places_told; i++)
        look_at_dropped_place(look, pool, i);
    pool->places_told = pool->worker_count;
}
