/* Tasks as a table: one line per attempt that has ended, RFC 4180 with line ends of one byte. Times are nanoseconds
 * since 1970; what never was is empty. */
#include "model/export_names.h"
#include "model/export_out.h"
#include <stdlib.h>

struct csv_export {
    struct export export;
    struct export_names names;
    int64_t now_ns, wall_ns; /**< of the greeting */
    struct export_out out;
};

/* Modulo 2^64: a peer may say anything. */
static void add_time(struct csv_export *csv, int64_t time_ns)
{
    if (time_ns == 0)
        export_format(&csv->out, ",");
    else
        export_format(&csv->out, ",%lld",
                      (long long)((uint64_t)time_ns - (uint64_t)csv->now_ns + (uint64_t)csv->wall_ns));
}

static void add_text(struct csv_export *csv, struct record_text text)
{
    export_format(&csv->out, ",");
    export_quoted(&csv->out, text);
}

static void add_lengths(struct csv_export *csv, const struct record_task_ended *task)
{
    export_format(&csv->out, ",%lld,%lld,%lld,%lld,%lld", (long long)task->wait_ns, (long long)task->queued_ns,
                  (long long)task->copy_ns, (long long)task->run_ns, (long long)task->return_ns);
}

static void add_head(struct csv_export *csv, const struct record_task_ended *task)
{
    export_format(&csv->out, "%lu", (unsigned long)task->pool);
    add_text(csv, export_name_of(&csv->names, task->pool, EXPORT_POOL));
    export_format(&csv->out, ",%llu,%lld,%llu", (unsigned long long)task->task, (long long)task->item,
                  (unsigned long long)task->items);
    add_text(csv, export_name_of(&csv->names, task->pool, task->function));
    add_text(csv, export_place_of(&csv->names, task->pool, task->function));
    add_text(csv, task->label);
    export_format(&csv->out, ",%lld,%lld,%lu,%s,%lld", (long long)task->worker, (long long)task->pid,
                  (unsigned long)task->attempt, export_end_word(task->end), (long long)task->code);
}

static void add_task(struct csv_export *csv, const struct record_task_ended *task)
{
    add_head(csv, task);
    add_time(csv, task->submitted_ns);
    add_time(csv, task->begun_ns);
    add_time(csv, task->ended_ns);
    add_lengths(csv, task);
    add_text(csv, task->argument);
    add_text(csv, task->result);
    add_text(csv, task->error);
    export_format(&csv->out, "\n");
}

static int take_pool(struct csv_export *csv, const struct record_pool *pool)
{
    if (pool->phase != RECORD_PHASE_GONE)
        return export_names_take(&csv->names, pool->pool, EXPORT_POOL, pool->name, record_text_of(""));
    export_names_forget(&csv->names, pool->pool);
    return 0;
}

static int take(struct export *export, const struct wire_frame *frame, const union record *record)
{
    struct csv_export *csv = (struct csv_export *)export;
    switch (frame->type) {
    case RECORD_GREETING:
        csv->now_ns = record->greeting.now_ns;
        csv->wall_ns = record->greeting.wall_ns;
        break;
    case RECORD_POOL:
        return take_pool(csv, &record->pool);
    case RECORD_FUNCTION:
        return export_names_take(&csv->names, record->function.pool, record->function.function, record->function.name,
                                 record->function.place);
    case RECORD_TASK_ENDED:
        add_task(csv, &record->task_ended);
        break;
    default:
        break;
    }
    return csv->out.code;
}

static int end(struct export *export)
{
    struct csv_export *csv = (struct csv_export *)export;
    int code = export_flush(&csv->out);
    export_names_free(&csv->names);
    free(csv);
    return code;
}

int export_csv_begin(export_write_fn *write, void *user, struct export **ret_export)
{
    struct csv_export *csv = calloc(1, sizeof *csv);
    if (csv == NULL)
        return MPROC_E_NO_MEMORY;
    csv->export = (struct export){ take, end };
    export_names_init(&csv->names);
    csv->out.write = write;
    csv->out.user = user;
    export_format(&csv->out, "pool,pool_name,task,item,items,function,place,label,worker,pid,attempt,end,code,"
                             "submitted_ns,begun_ns,ended_ns,wait_ns,queued_ns,copy_ns,run_ns,return_ns,"
                             "argument,result,error\n");
    *ret_export = &csv->export;
    return 0;
}
