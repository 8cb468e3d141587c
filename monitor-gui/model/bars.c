#include "model/bars.h"

#include <mproc/base.h>
#include <stdlib.h>

_Static_assert(sizeof(struct bar) == 48, "a million bars are 48 MiB");

int bars_init(struct bars *bars, uint32_t capacity)
{
    *bars = (struct bars){ .capacity = capacity / BARS_IN_BLOCK + (capacity % BARS_IN_BLOCK != 0) };
    bars->is_blind = true;
    if (capacity == 0)
        return 0;
    bars->blocks = calloc(bars->capacity, sizeof *bars->blocks);
    return bars->blocks != NULL ? 0 : MPROC_E_NO_MEMORY;
}

void bars_free(struct bars *bars)
{
    for (uint32_t i = 0; i < bars->used; i++)
        free(bars->blocks[i].bars);
    free(bars->blocks);
    *bars = (struct bars){ .capacity = 0 };
}

/* ---- Blocks, in the order of their last bars ---- */

static struct bars_block *block_at(const struct bars *bars, uint32_t place)
{
    return &bars->blocks[place - 1];
}

static void unlink_block(struct bars *bars, uint32_t place)
{
    const struct bars_block *block = block_at(bars, place);
    if (block->older != 0)
        block_at(bars, block->older)->newer = block->newer;
    else
        bars->oldest = block->newer;
    if (block->newer != 0)
        block_at(bars, block->newer)->older = block->older;
    else
        bars->newest = block->older;
}

static void link_as_newest(struct bars *bars, uint32_t place)
{
    struct bars_block *block = block_at(bars, place);
    block->older = bars->newest;
    block->newer = 0;
    if (bars->newest != 0)
        block_at(bars, bars->newest)->newer = place;
    else
        bars->oldest = place;
    bars->newest = place;
}

/* Its bars ended before all others', so that of what ended later nothing is missing. */
static uint32_t empty_oldest(struct bars *bars)
{
    uint32_t place = bars->oldest;
    const struct bars_block *block = block_at(bars, place);
    bars->count -= block->count;
    bars->forgotten += block->count;
    if (block->last_ns > bars->forgotten_ns)
        bars->forgotten_ns = block->last_ns;
    unlink_block(bars, place);
    return place;
}

/* Places of workers count from 0, so that those of one pool do not meet; where two pools' do, the blocks of both are
 * left before they are full. */
static uint32_t *open_place(struct bars *bars, uint32_t pool, uint32_t worker)
{
    return &bars->open[(worker + pool * 611u) % BARS_OPEN];
}

/* A block that serves another worker by now is found by its place, and not taken. */
static uint32_t find_open(struct bars *bars, uint32_t pool, uint32_t worker)
{
    uint32_t place = *open_place(bars, pool, worker);
    if (place == 0)
        return 0;
    const struct bars_block *block = block_at(bars, place);
    return block->pool == pool && block->worker == worker && block->count < BARS_IN_BLOCK ? place : 0;
}

static uint32_t begin_block(struct bars *bars, uint32_t pool, uint32_t worker)
{
    uint32_t place = bars->used < bars->capacity ? bars->used + 1 : empty_oldest(bars);
    struct bars_block *block = block_at(bars, place);
    if (block->bars == NULL && (block->bars = malloc(BARS_IN_BLOCK * sizeof *block->bars)) == NULL)
        return 0;
    if (place > bars->used)
        bars->used = place;
    *block = (struct bars_block){ block->bars, INT64_MAX, INT64_MIN, pool, worker, 0, 0, 0 };
    link_as_newest(bars, place);
    *open_place(bars, pool, worker) = place;
    return place;
}

/* ---- Taking records ---- */

static void add(struct bars_block *block, const struct bar *bar)
{
    block->bars[block->count++] = *bar;
    if (bar->begin_ns < block->first_ns)
        block->first_ns = bar->begin_ns;
    if (bar->end_ns > block->last_ns)
        block->last_ns = bar->end_ns;
}

/* A task that died may have begun without anybody having noted when. */
static bool make_bar(struct bar *bar, const struct record_task_ended *record)
{
    *bar = (struct bar){ .begin_ns = record->begun_ns,
                         .end_ns = record->ended_ns,
                         .task = record->task,
                         .item = record->item,
                         .wait_ns = (float)record->wait_ns,
                         .run_ns = (float)record->run_ns,
                         .pid = (uint32_t)record->pid,
                         .function = (uint16_t)(record->function <= UINT16_MAX ? record->function : 0),
                         .attempt = (uint8_t)(record->attempt < UINT8_MAX ? record->attempt : UINT8_MAX),
                         .end = record->end };
    bool has_begin = record->begun_ns != 0, has_end = record->ended_ns != 0;
    return record->worker >= 0 && record->worker <= UINT32_MAX && has_begin && has_end && bar->begin_ns <= bar->end_ns;
}

int bars_take(struct bars *bars, const struct record_task_ended *record)
{
    struct bar bar;
    if (bars->capacity == 0 || !make_bar(&bar, record))
        return 0;
    uint32_t worker = (uint32_t)record->worker, place = find_open(bars, record->pool, worker);
    if (place == 0)
        place = begin_block(bars, record->pool, worker);
    if (place == 0)
        return MPROC_E_NO_MEMORY;
    add(block_at(bars, place), &bar);
    bars->count++;
    if (bars->newest != place) {
        unlink_block(bars, place);
        link_as_newest(bars, place);
    }
    return 0;
}

/* ---- Gaps ---- */

static struct bars_gap *last_gap(struct bars *bars)
{
    return &bars->gaps[(bars->gap_total - 1) % GAPS_KEPT];
}

void bars_set_blind(struct bars *bars, bool is_blind, int64_t now_ns)
{
    if (bars->is_blind == is_blind)
        return;
    bars->is_blind = is_blind;
    if (is_blind)
        bars->gaps[bars->gap_total++ % GAPS_KEPT] = (struct bars_gap){ now_ns, INT64_MAX };
    else if (bars->begun_ns == 0)
        bars->begun_ns = now_ns;
    else
        last_gap(bars)->to_ns = now_ns;
}

uint64_t bars_gap_count(const struct bars *bars)
{
    return bars->gap_total < GAPS_KEPT ? bars->gap_total : GAPS_KEPT;
}

struct bars_gap bars_gap_at(const struct bars *bars, uint64_t index)
{
    return bars->gaps[(bars->gap_total - 1 - index) % GAPS_KEPT];
}

/* ---- Questions ---- */

int64_t bars_since_ns(const struct bars *bars)
{
    return bars->forgotten_ns > bars->begun_ns ? bars->forgotten_ns : bars->begun_ns;
}

static bool is_asked(const struct bars_block *block, const struct bars_walk *walk)
{
    return block->pool == walk->pool && (walk->worker < 0 || block->worker == (uint64_t)walk->worker) &&
           block->first_ns < walk->to_ns && block->last_ns >= walk->from_ns;
}

static const struct bar *next_in_block(const struct bars_block *block, struct bars_walk *walk)
{
    while (walk->next < block->count) {
        const struct bar *bar = &block->bars[walk->next++];
        if (bar->begin_ns < walk->to_ns && bar->end_ns >= walk->from_ns)
            return bar;
    }
    return NULL;
}

const struct bar *bars_next(const struct bars *bars, struct bars_walk *walk, uint32_t *ret_worker)
{
    for (; walk->block < bars->used; walk->block++, walk->next = 0) {
        const struct bars_block *block = &bars->blocks[walk->block];
        const struct bar *bar = is_asked(block, walk) ? next_in_block(block, walk) : NULL;
        if (bar == NULL)
            continue;
        if (ret_worker != NULL)
            *ret_worker = block->worker;
        return bar;
    }
    return NULL;
}
