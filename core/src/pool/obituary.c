#include "pool/obituary.h"
#include "pool/function_names.h"
#include "pool/trace_hear.h"
#include "trace/preview.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_shown(const mproc_pool *pool)
{
    return pool->options.monitor >= 0;
}

/* ---- What it was at ---- */

/* As the worker has told it, if it has; else as its bytes are, unless the program would say that in its own way. */
static void note_argument(struct obituary *obituary, const struct worker *worker, const struct job *job, size_t index)
{
    const mproc_pool_options *options = &worker->pool->options;
    const struct event *begun = index == 0 ? mproc__trace_begun(worker, job) : NULL;
    if (begun != NULL) {
        obituary->argument_size = begun->preview_size;
        memcpy(obituary->argument, begun->preview, begun->preview_size);
    } else if (options->describe == NULL && options->monitor_no_previews == 0) {
        mproc_view argument = mproc__job_argument(job, index);
        obituary->argument_size =
            mproc__preview_bytes(argument.data, argument.size, obituary->argument, EVENT_PREVIEW_BYTES);
    }
}

/* Jobs run in the order in which they were sent: only the first can have been under way. */
static void note_task(struct obituary *obituary, const struct worker *worker)
{
    const struct job *job = worker->jobs.head;
    struct job_trace trace = { .started = false };
    if (job != NULL)
        trace = link_trace(worker->link, job);
    bool is_chunk = job != NULL && job->kind == JOB_KIND_CHUNK;
    if (!trace.started || (is_chunk && trace.finished == job->extra.item_count))
        return;
    struct record_death *record = &obituary->record;
    record->task = job->number;
    record->item = is_chunk ? (int64_t)(job->extra.item + trace.finished) : mproc__job_item(job);
    record->items = 1;
    record->function = mproc__function_number(job);
    record->attempt = job->attempt;
    obituary->label_size = (uint32_t)link_label(worker->link, job, obituary->label);
    note_argument(obituary, worker, job, trace.finished);
}

static void note_output(struct obituary *obituary, const struct worker *worker)
{
    char tail[OUTPUT_TAIL_BYTES];
    size_t size = link_output_tail(worker->link, tail);
    obituary->output = size > 0 ? malloc(size) : NULL;
    if (obituary->output == NULL)
        return;
    memcpy(obituary->output, tail, size);
    obituary->output_size = (uint32_t)size;
}

void mproc__obituary_begin(struct obituary *obituary, const struct worker *worker, const char *cause)
{
    obituary->number = 0;
    if (!is_shown(worker->pool))
        return;
    *obituary = (struct obituary){ .number = 1 };
    const struct worker_account *account = &worker->account;
    obituary->record = (struct record_death){ .pool = worker->pool->number,
                                              .worker = (uint32_t)worker->index,
                                              .pid = worker->pid,
                                              .lives = (uint64_t)account->lives,
                                              .time_ns = platform_now_ns(),
                                              .expected = worker->verdict->is_expected,
                                              .item = -1,
                                              .peak = worker->usage.memory_peak,
                                              .lived_ns = mproc__worker_account_age(account),
                                              .tasks = account->tasks - account->tasks_before };
    snprintf(obituary->cause, sizeof obituary->cause, "%s", cause);
    if (worker->pool->trace != NULL)
        mproc__trace_gather_last(worker);
    note_task(obituary, worker);
    note_output(obituary, worker);
}

/* ---- Keeping ---- */

/* The place of the oldest, or a new one; NULL without memory. */
static struct obituary *make_place(struct obituaries *obituaries)
{
    struct obituary **place = &obituaries->kept[obituaries->count % OBITUARIES_KEPT];
    if (*place == NULL)
        *place = calloc(1, sizeof **place);
    if (*place == NULL)
        return NULL;
    obituaries->count++;
    obituaries->untold += (*place)->number != 0 && !(*place)->is_told;
    mproc__remains_put((*place)->remains);
    free((*place)->output);
    return *place;
}

static struct obituary *place_in(mproc_pool *pool)
{
    if (pool->obituaries == NULL)
        pool->obituaries = calloc(1, sizeof *pool->obituaries);
    return pool->obituaries != NULL ? make_place(pool->obituaries) : NULL;
}

/* For want of memory nobody will be told of it. */
static void lose(struct obituary *obituary, const mproc_pool *pool, bool is_wanted)
{
    free(obituary->output);
    if (is_wanted && pool->trace != NULL)
        mproc__trace_lose(pool->trace, RECORD_CLASS_LIFE, 1, pool->ticks, pool->ticks);
}

/* The numbers on the wire are the port's own. */
_Static_assert((int)RECORD_FAULT_NO_MEMORY == (int)PLATFORM_FAULT_NO_MEMORY, "the same number");
_Static_assert((int)RECORD_FAULT_FORBIDDEN == (int)PLATFORM_FAULT_FORBIDDEN, "the same number");
_Static_assert((int)RECORD_FAULT_NO_PAGE == (int)PLATFORM_FAULT_NO_PAGE, "the same number");
_Static_assert((int)RECORD_FAULT_UNALIGNED == (int)PLATFORM_FAULT_UNALIGNED, "the same number");
_Static_assert((int)RECORD_FAULT_NO_ADDRESS == (int)PLATFORM_FAULT_NO_ADDRESS, "the same number");
_Static_assert((int)RECORD_FAULT_STACK == (int)PLATFORM_FAULT_STACK, "the same number");
_Static_assert((int)RECORD_ACCESS_READ == (int)PLATFORM_ACCESS_READ, "the same number");
_Static_assert((int)RECORD_ACCESS_WRITE == (int)PLATFORM_ACCESS_WRITE, "the same number");
_Static_assert((int)RECORD_ACCESS_EXECUTE == (int)PLATFORM_ACCESS_EXECUTE, "the same number");

static void note_fault(struct record_death *record, platform_fault fault)
{
    record->fault = (uint8_t)fault.kind;
    record->access = (uint8_t)fault.access;
    record->address = fault.address;
}

void mproc__obituary_end(struct obituary *obituary, mproc_pool *pool, const struct link_end *end,
                         struct remains *remains, bool is_retried)
{
    if (obituary->number == 0)
        return;
    bool is_kept = !obituary->record.expected || pool->trace != NULL;
    struct obituary *kept = is_kept ? place_in(pool) : NULL;
    if (kept == NULL) {
        lose(obituary, pool, is_kept);
        return;
    }
    *kept = *obituary;
    kept->number = pool->obituaries->count;
    kept->remains = mproc__remains_hold(remains);
    kept->record.exit_code = end->exit_code;
    note_fault(&kept->record, mproc__remains_fault(remains));
    kept->record.decided_ns = platform_now_ns() - kept->record.time_ns;
    if (kept->record.task != 0)
        kept->record.decision = is_retried ? RECORD_DECISION_RETRIED : RECORD_DECISION_FAILED;
}

void mproc__obituary_replaced(const struct worker *successor)
{
    const mproc_pool *pool = successor->pool;
    struct obituary *last = NULL;
    for (unsigned i = 0; pool->obituaries != NULL && i < OBITUARIES_KEPT; i++) {
        struct obituary *kept = pool->obituaries->kept[i];
        if (kept != NULL && kept->record.worker == (uint32_t)successor->index &&
            (last == NULL || kept->number > last->number))
            last = kept;
    }
    if (last == NULL || last->record.replaced_ns != 0)
        return;
    last->record.replaced_ns = platform_now_ns();
    last->record.successor = successor->pid;
    last->is_told = false;
}

static void free_place(struct obituary *kept)
{
    if (kept == NULL)
        return;
    mproc__remains_put(kept->remains);
    free(kept->output);
    free(kept);
}

void mproc__obituaries_close(mproc_pool *pool)
{
    for (unsigned i = 0; pool->obituaries != NULL && i < OBITUARIES_KEPT; i++)
        free_place(pool->obituaries->kept[i]);
    free(pool->obituaries);
    pool->obituaries = NULL;
}
