#include "pool/look_queue.h"
#include "pool/function_names.h"
#include "trace/preview.h"

static bool is_wanted(const mproc_pool *pool)
{
    return pool->trace != NULL && trace_wants_detail(pool->trace);
}

size_t mproc__look_queue_size(const mproc_pool *pool)
{
    return is_wanted(pool) ? LOOK_QUEUE_MAX * mproc__journal_needs(RECORD_TASK_QUEUED, EVENT_PREVIEW_BYTES) : 0;
}

/* As its bytes are, unless the program would say that in its own way, which its workers know. */
static struct record_text argument_of(struct look *look, const struct job *job)
{
    const mproc_pool_options *options = &job->pool->options;
    char preview[EVENT_PREVIEW_BYTES];
    if (job->kind != JOB_KIND_CALL || options->describe != NULL || options->monitor_no_previews != 0)
        return (struct record_text){ NULL, 0 };
    mproc_view argument = mproc__job_argument(job, 0);
    uint32_t size = mproc__preview_bytes(argument.data, argument.size, preview, sizeof preview);
    return mproc__journal_text(look->state, preview, size);
}

static bool tell(struct look *look, struct job *job, const struct trace_clock *clock)
{
    struct record_task_queued *record = look_add(look, RECORD_TASK_QUEUED, EVENT_PREVIEW_BYTES);
    if (record == NULL)
        return false;
    bool is_map = job->kind == JOB_KIND_MAP;
    *record = (struct record_task_queued){ .pool = job->pool->number,
                                           .task = job->number,
                                           .item = is_map ? 0 : mproc__job_item(job),
                                           .items = is_map ? job->extra.batch->count : 1,
                                           .function = mproc__function_number(job),
                                           .submitted_ns = trace_time(clock, job->submitted),
                                           .priority = job->priority,
                                           .waits = 1 };
    record->argument = argument_of(look, job);
    return job->is_listed = true;
}

/* Of a map of which some has run the rest waits as well, but it has begun. */
static bool has_not_begun(const struct job *job)
{
    return job->kind == JOB_KIND_CALL || (job->kind == JOB_KIND_MAP && job->extra.batch->next == 0);
}

void mproc__look_at_queue(struct look *look, const mproc_pool *pool, const struct trace_clock *clock, bool all)
{
    unsigned left = is_wanted(pool) ? LOOK_QUEUE_MAX : 0;
    for (struct job *job = pool->pending.head; job != NULL && left-- > 0; job = job->next) {
        bool is_news = !job->is_listed && job->submitted < pool->trace->looked_ticks;
        if ((is_news || all) && has_not_begun(job) && !tell(look, job, clock))
            return;
    }
}
