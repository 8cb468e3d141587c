#include "pool/look_pool.h"
#include "pool/totals.h"

/* ---- What it is ---- */

static enum record_phase phase_of(const mproc_pool *pool)
{
    return pool->done && pool->phase != POOL_BROKEN ? RECORD_PHASE_OVER : (enum record_phase)pool->phase;
}

struct record_pool mproc__look_describe(const mproc_pool *pool, const struct trace_clock *clock,
                                        enum record_phase phase)
{
    bool is_process = pool->options.kind == MPROC_POOL_PROCESSES;
    return (struct record_pool){ .pool = pool->number,
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
}

static void note_pool(struct look *look, const mproc_pool *pool, const struct trace_clock *clock,
                      enum record_phase phase)
{
    struct record_pool *record = look_add(look, RECORD_POOL, CHILD_NAME_MAX + FAILURE_MESSAGE_BYTES);
    if (record == NULL)
        return;
    *record = mproc__look_describe(pool, clock, phase);
    record->name = look_put(look, pool->name);
    record->reason = look_put(look, pool->broken_text);
}

void mproc__look_at_pool(struct look *look, const mproc_pool *pool, const struct trace_clock *clock, bool is_gone)
{
    note_pool(look, pool, clock, phase_of(pool));
    if (is_gone)
        note_pool(look, pool, clock, RECORD_PHASE_GONE);
}

void mproc__look_at_counts(struct look *look, const mproc_pool *pool)
{
    struct record_counts *record = look_add(look, RECORD_COUNTS, 0);
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

/* ---- What was lost of it ---- */

void mproc__look_at_loss(struct look *look, const mproc_pool *pool, enum record_class class, uint64_t count,
                         int64_t from_ns, int64_t to_ns)
{
    struct record_lost *record = look_add(look, RECORD_LOST, 0);
    if (record != NULL)
        *record = (struct record_lost){ .kind = (uint8_t) class,
                                        .count = count,
                                        .from_ns = from_ns,
                                        .to_ns = to_ns,
                                        .pool = pool->number,
                                        .worker = -1 };
}

void mproc__look_at_losses(struct look *look, mproc_pool *pool, const struct trace_clock *clock)
{
    struct obituaries *obituaries = pool->obituaries;
    for (int class = 0; pool->trace != NULL && class < TRACE_CLASSES; class ++) {
        struct trace_loss *loss = &pool->trace->lost[class];
        if (loss->count > 0)
            mproc__look_at_loss(look, pool, (enum record_class) class, loss->count, trace_time(clock, loss->from),
                                trace_time(clock, loss->to));
        *loss = (struct trace_loss){ .count = 0 };
    }
    if (obituaries == NULL || obituaries->untold == 0)
        return;
    mproc__look_at_loss(look, pool, RECORD_CLASS_LIFE, obituaries->untold, 0, clock->ns);
    obituaries->untold = 0;
}
