#include "pool/parts.h"
#include "base/options.h"
#include "pool/failed.h"
#include "pool/function_names.h"
#include "pool/hooks.h"
#include "pool/kind.h"
#include "pool/memory_limit.h"
#include "pool/notes.h"
#include "pool/observe.h"
#include "pool/outputs.h"
#include "pool/payload.h"
#include "pool/pool.h"
#include "pool/saved_task.h"
#include "pool/size.h"
#include "pool/staff.h"
#include "pool/stopped.h"
#include "pool/task_end.h"
#include "pool/task_limit.h"
#include "pool/terms.h"
#include "pool/worker_outfit.h"

/* ---- Parts that know no pool ---- */

static int open_outputs(mproc_pool *pool)
{
    return pool->options.monitor_output != 0 ? mproc__outputs_new(&pool->outputs) : 0;
}

static void close_outputs(mproc_pool *pool)
{
    mproc__outputs_free(pool->outputs);
    pool->outputs = NULL;
}

/* Milliseconds: without the lock. */
static void trim_payloads(mproc_pool *pool)
{
    int64_t trim_at = mproc__payload_trim_at();
    if (trim_at == INT64_MAX || platform_now_ns() < trim_at)
        return;
    platform_mutex_unlock(&pool->lock);
    mproc__payload_trim();
    platform_mutex_lock(&pool->lock);
}

static int64_t next_trim(const mproc_pool *pool)
{
    (void)pool;
    return mproc__payload_trim_at();
}

/* ---- The rows ---- */

/* Each call goes through them from the first to the last. NULL: nothing to do. */
static const struct part {
    int (*check)(const mproc_pool_options *options);
    int (*open)(mproc_pool *pool);
    void (*close)(mproc_pool *pool);
    void (*look)(mproc_pool *pool);
    int64_t (*next_look)(const mproc_pool *pool);
} parts[] = {
    { .check = mproc__observe_check },
    { .open = mproc__terms_open },
    { .check = mproc__size_check_options,
      .open = mproc__size_open,
      .look = mproc__size_look,
      .next_look = mproc__size_next_look },
    { .check = mproc__staff_check, .open = mproc__staff_open, .close = mproc__staff_close },
    { .check = mproc__kind_check, .open = mproc__kind_open, .close = mproc__kind_close },
    { .check = mproc__task_limit_check, .look = mproc__task_limit_look },
    { .check = mproc__task_end_check, .look = mproc__task_end_look, .next_look = mproc__task_end_next_look },
    { .check = mproc__hooks_check, .open = mproc__hooks_open, .close = mproc__hooks_close },
    { .check = mproc__worker_outfit_check, .open = mproc__worker_outfit_open, .close = mproc__worker_outfit_close },
    { .open = mproc__saved_task_open, .close = mproc__saved_task_close },
    { .look = mproc__stopped_look, .next_look = mproc__stopped_next_look },
    { .look = mproc__memory_limit_look, .next_look = mproc__memory_limit_next_look },
    { .look = trim_payloads, .next_look = next_trim },
    { .open = mproc__notes_open, .close = mproc__notes_close },
    { .open = open_outputs, .close = close_outputs },
    { .close = mproc__function_names_close },
    { .close = mproc__failed_close },
};

#define PARTS (sizeof parts / sizeof *parts)

_Static_assert(STRUCT_ENDS_WITH(mproc_pool_options, monitor_output), "it can grow");

int mproc__parts_check(const mproc_pool_options *options)
{
    int code = 0;
    for (size_t i = 0; i < PARTS && code == 0; i++)
        if (parts[i].check != NULL)
            code = parts[i].check(options);
    return code;
}

int mproc__parts_open(mproc_pool *pool)
{
    int code = 0;
    for (size_t i = 0; i < PARTS && code == 0; i++)
        if (parts[i].open != NULL)
            code = parts[i].open(pool);
    return code;
}

void mproc__parts_close(mproc_pool *pool)
{
    for (size_t i = 0; i < PARTS; i++)
        if (parts[i].close != NULL)
            parts[i].close(pool);
}

void mproc__parts_look(mproc_pool *pool)
{
    for (size_t i = 0; i < PARTS; i++)
        if (parts[i].look != NULL)
            parts[i].look(pool);
}

int64_t mproc__parts_next_look(const mproc_pool *pool)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < PARTS; i++) {
        int64_t at = parts[i].next_look != NULL ? parts[i].next_look(pool) : INT64_MAX;
        next = at < next ? at : next;
    }
    return next;
}
