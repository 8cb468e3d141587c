#include "pool/look.h"
#include "pool/look_deaths.h"
#include "pool/look_functions.h"
#include "pool/look_maps.h"
#include "pool/look_output.h"
#include "pool/look_pool.h"
#include "pool/look_queue.h"
#include "pool/look_workers.h"
#include "pool/service.h"
#include "pool/trace_hear.h"
#include "pool/trace_want.h"

/* How far ticks and the clock may go apart before they are read anew. */
#define APART_NS 1000000

/* ---- Room ---- */

static size_t state_bytes(const mproc_pool *pool, bool accounts)
{
    size_t workers = (size_t)mproc__look_places(pool), functions = FUNCTIONS_MAX + 1;
    size_t death_texts = TASK_MESSAGE_BYTES + LABEL_BYTES + EVENT_PREVIEW_BYTES + OUTPUT_TAIL_BYTES;
    return 2 * mproc__journal_needs(RECORD_POOL, CHILD_NAME_MAX + FAILURE_MESSAGE_BYTES) +
           mproc__journal_needs(RECORD_COUNTS, 0) +
           workers * mproc__journal_needs(RECORD_WORKER, LABEL_BYTES + EVENT_PREVIEW_BYTES) +
           LOOK_MAPS_MAX * mproc__journal_needs(RECORD_MAP, 0) + mproc__look_queue_size(pool) +
           functions * mproc__journal_needs(RECORD_FUNCTION, MPROC_STATS_NAME_BYTES + MPROC_STATS_PLACE_BYTES) +
           (accounts ? mproc__look_accounts_size(pool) : 0) +
           OBITUARIES_KEPT * mproc__journal_needs(RECORD_DEATH, death_texts) +
           (2 * TRACE_CLASSES + 2) * mproc__journal_needs(RECORD_LOST, 0);
}

/* With some to spare: what is told of functions becomes a little more all the time. */
static bool make_room(struct look *look, const mproc_pool *pool, bool accounts)
{
    size_t needed = state_bytes(pool, accounts);
    if (look->state != NULL && mproc__journal_size(look->state) >= needed)
        return true;
    mproc__journal_free(look->state);
    look->state = mproc__journal_new(needed + needed / 4);
    return look->state != NULL;
}

/* ---- The look ---- */

/* What has happened goes with the look, and whoever was told before leaves his empty journal here. */
static void exchange_events(struct look *look, mproc_pool *pool)
{
    if (pool->trace == NULL)
        return;
    mproc__trace_gather(pool);
    look->events = mproc__trace_exchange(pool, look->events);
}

/* Ticks and the clock go apart a little all the time, and each pair of them is read a little apart. With the same pair
 * for as long as that does not matter, what has not changed is told as it was. */
static struct trace_clock clock_of(mproc_pool *pool)
{
    const struct trace_clock then = { pool->looked_ticks, pool->looked_ns }, now = trace_clock_now();
    int64_t apart = trace_time(&then, now.ticks) - now.ns;
    if (pool->looked_ns == 0 || apart > APART_NS || apart < -APART_NS) {
        pool->looked_ticks = now.ticks;
        pool->looked_ns = now.ns;
    }
    return (struct trace_clock){ pool->looked_ticks, pool->looked_ns };
}

static bool tells_accounts(const mproc_pool *pool, unsigned what)
{
    return (what & OBSERVE_FUNCTIONS) != 0 && pool->accounts != NULL;
}

static void look_at_all(struct look *look, mproc_pool *pool, unsigned what, bool is_gone)
{
    const struct trace_clock clock = clock_of(pool);
    mproc__look_at_pool(look, pool, &clock, is_gone);
    mproc__look_at_counts(look, pool);
    mproc__look_at_workers(look, pool, &clock);
    mproc__look_at_maps(look, pool, &clock);
    mproc__look_at_queue(look, pool, &clock, (what & OBSERVE_ALL) != 0);
    mproc__look_at_losses(look, pool, &clock);
    if (tells_accounts(pool, what))
        mproc__look_at_accounts(look, pool, (what & OBSERVE_ALL) != 0);
    mproc__look_at_deaths(look, pool, (what & OBSERVE_ALL) != 0);
    /* At last, since all before may have met new ones. */
    mproc__look_at_names(look, pool, (what & OBSERVE_ALL) != 0 ? 1 : pool->functions_told + 1);
}

void mproc__look_take(struct look *look, mproc_pool *pool, unsigned what)
{
    /* First, since what it finds needs room as well. */
    mproc__pool_service(pool);
    if (!make_room(look, pool, tells_accounts(pool, what)))
        return;
    if ((what & OBSERVE_PROCESSES) != 0)
        mproc__look_measure(pool);
    exchange_events(look, pool);
    look_at_all(look, pool, what, false);
}

bool mproc__look_take_last(struct look *look, mproc_pool *pool)
{
    if (!make_room(look, pool, tells_accounts(pool, OBSERVE_FUNCTIONS)))
        return false;
    exchange_events(look, pool);
    mproc__look_at_output(look, pool);
    look_at_all(look, pool, OBSERVE_FUNCTIONS, true);
    mproc__trace_want(pool, 0);
    return true;
}

void mproc__look_end(struct look *look)
{
    mproc__look_drop_stacks(look);
    mproc__journal_free(look->state);
    mproc__journal_free(look->events);
    mproc__journal_free(look->output);
    look->state = look->events = look->output = NULL;
}
