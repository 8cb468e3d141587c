#include "pool/trace.h"

/* Of events between two looks: so much of a burst, and while they do not cease some 100,000 of them a second, which is
 * more than anybody reads and takes a twentieth of the time of a CPU. */
#define JOURNAL_BYTES ((size_t)512 << 10)
#define BYTES_A_MS    ((size_t)16 << 10)
/* Where so many ends found no room since the last look, what finds some is a sample whatever its number: an eighth
 * of that is one as well, at an eighth of the cost. */
#define FLOOD_ENDS 5000u
/* Of maps, whose ends are states and find room beside all that may be lost. */
#define MAPS_SPARED 64u
/* What the largest record takes, about. */
#define FULL_BYTES ((size_t)2048)

struct journal *mproc__trace_journal(void)
{
    return mproc__journal_new(JOURNAL_BYTES);
}

/* How much that time is worth. */
static size_t bytes_of(int64_t ns, bool is_flood)
{
    int64_t enough_ms = JOURNAL_BYTES / BYTES_A_MS;
    size_t bytes = ns < enough_ms * 1000000 ? (size_t)(ns * (int64_t)BYTES_A_MS / 1000000) : JOURNAL_BYTES;
    return is_flood ? bytes / 8 : bytes;
}

/* What was not used of the last time is there for a burst. */
struct journal *mproc__trace_exchange(mproc_pool *pool, struct journal *empty)
{
    struct trace *trace = pool->trace;
    struct journal *full = trace->journal;
    const struct trace_clock now = trace_clock_now();
    bool is_flood = trace_gate(pool, RECORD_CLASS_LIFE)->missed > FLOOD_ENDS;
    size_t room = bytes_of(now.ns - trace->clock.ns, is_flood) + (full != NULL ? mproc__journal_room(full) : 0);
    trace->looked_ticks = trace->clock.ticks;
    trace->clock = now;
    trace->journal = empty != NULL ? empty : mproc__trace_journal();
    if (trace->journal != NULL)
        mproc__journal_limit(trace->journal, room);
    mproc__trace_end_losing(pool);
    return full;
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
void mproc__trace_begin_losing(mproc_pool *pool, enum record_class class)
{
    trace_gate(pool, class)->is_open = false;
    mproc__trace_lose(pool->trace, class, 1, pool->ticks, pool->ticks);
}

static void count_missed(mproc_pool *pool, enum record_class class)
{
    const struct note_gate *gate = trace_gate(pool, class);
    if (!gate->is_open)
        mproc__trace_lose(pool->trace, class, gate->missed, pool->ticks, pool->ticks);
}

void mproc__trace_set_gates(mproc_pool *pool)
{
    bool is_on = pool->trace != NULL, has_detail = is_on && trace_wants_detail(pool->trace);
    *trace_gate(pool, RECORD_CLASS_LIFE) = (struct note_gate){ .is_open = is_on };
    *trace_gate(pool, RECORD_CLASS_DETAIL) = (struct note_gate){ .is_open = has_detail };
}

void mproc__trace_end_losing(mproc_pool *pool)
{
    count_missed(pool, RECORD_CLASS_LIFE);
    if (trace_wants_detail(pool->trace))
        count_missed(pool, RECORD_CLASS_DETAIL);
    mproc__trace_set_gates(pool);
}

/* ---- Room ---- */

static size_t spared_for_maps(void)
{
    return MAPS_SPARED * mproc__journal_needs(RECORD_MAP, 0);
}

/* Room for a record, or one lost. */
void *mproc__trace_add(mproc_pool *pool, enum record_type type, enum record_class class, size_t text_bytes)
{
    struct journal *journal = pool->trace->journal;
    /* What may be done without leaves half to what may not. */
    size_t spared = class == RECORD_CLASS_DETAIL && journal != NULL ? mproc__journal_size(journal) / 2
                    : type == RECORD_MAP                            ? 0
                                                                    : spared_for_maps();
    void *record = journal != NULL ? mproc__journal_add(journal, type, text_bytes, spared) : NULL;
    if (record == NULL)
        mproc__trace_begin_losing(pool, class);
    return record;
}

/* Then nothing is taken from workers either, which soon have no room themselves: all that an event costs from there on
 * is that it is counted. */
bool mproc__trace_is_full(const struct trace *trace)
{
    return trace->journal == NULL || mproc__journal_room(trace->journal) < FULL_BYTES + spared_for_maps();
}
