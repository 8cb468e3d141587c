#include "pool/trace.h"

/* Of events between two looks. */
#define JOURNAL_BYTES ((size_t)512 << 10)
/* That what may be done without leaves to what may not. */
#define SPARED_BYTES (JOURNAL_BYTES / 2)
/* Of maps, whose ends are states and find room beside all that may be lost. */
#define MAPS_SPARED 64u
/* What the largest record takes, about. */
#define FULL_BYTES ((size_t)2048)

struct journal *mproc__trace_journal(void)
{
    return mproc__journal_new(JOURNAL_BYTES);
}

/* ---- Losses ---- */

void mproc__trace_lose(struct trace *trace, enum record_class class, uint64_t count, int64_t from, int64_t to)
{
    struct trace_loss *loss = &trace->lost[class];
    if (loss->count == 0 || from < loss->from)
        loss->from = from;
    if (loss->count == 0 || to > loss->to)
        loss->to = to;
    loss->count += count;
}

/* When somebody last came by is good enough: where much is lost, somebody does all the time. */
void mproc__trace_lose_one(const mproc_pool *pool, enum record_class class)
{
    pool->trace->has_lost[class] = true;
    mproc__trace_lose(pool->trace, class, 1, pool->ticks, pool->ticks);
}

/* ---- Room ---- */

static size_t spared_for_maps(void)
{
    return MAPS_SPARED * mproc__journal_needs(RECORD_MAP, 0);
}

/* Room for a record, or one lost. */
void *mproc__trace_add(const mproc_pool *pool, enum record_type type, enum record_class class, size_t text_bytes)
{
    struct journal *journal = pool->trace->journal;
    size_t spared = class == RECORD_CLASS_DETAIL ? SPARED_BYTES : type == RECORD_MAP ? 0 : spared_for_maps();
    void *record = journal != NULL ? mproc__journal_add(journal, type, text_bytes, spared) : NULL;
    if (record == NULL)
        mproc__trace_lose_one(pool, class);
    return record;
}

/* Then nothing is taken from workers either, which soon have no room themselves: all that an event costs from there on
 * is that it is counted. */
bool mproc__trace_is_full(const struct trace *trace)
{
    return trace->journal == NULL || mproc__journal_room(trace->journal) < FULL_BYTES + spared_for_maps();
}
