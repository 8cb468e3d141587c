#include "pool/annex.h"
#include "pool/teller.h"
#include <stdlib.h>

/* ---- The rows ---- */

static const struct annex *const rows[] = { &mproc__teller_annex };

#define ROWS (sizeof rows / sizeof *rows)

_Static_assert(ROWS <= ANNEXES_MAX, "each has its place in a worker");

static size_t row_of(const struct annex *annex)
{
    size_t row = 0;
    while (rows[row] != annex)
        row++;
    return row;
}

static size_t bytes_before(size_t row)
{
    size_t bytes = 0;
    while (row > 0)
        bytes += rows[--row]->bytes;
    return bytes;
}

static void *memory_of(struct annex_line *line, size_t row)
{
    return (unsigned char *)(line + 1) + bytes_before(row);
}

/* ---- The parent's side ---- */

size_t mproc__annexes_bytes(void)
{
    return bytes_before(ROWS);
}

void mproc__annexes_prepare(struct worker_area *area, const struct mproc_pool *pool)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i]->prepare != NULL)
            rows[i]->prepare(memory_of(&area->annexes, i), area, pool);
}

void *mproc__annex_memory(struct annex_line *line, const struct annex *annex)
{
    return memory_of(line, row_of(annex));
}

void mproc__annex_want(struct annex_line *line, const struct annex *annex, bool wanted)
{
    uint32_t bit = 1u << row_of(annex);
    if (wanted)
        atomic_fetch_or_explicit(&line->wanted, bit, memory_order_relaxed);
    else
        atomic_fetch_and_explicit(&line->wanted, ~bit, memory_order_relaxed);
}

/* ---- The worker's side ---- */

void mproc__annexes_open(struct annexes *annexes, struct worker_area *area, module_find_fn *find)
{
    annexes->line = &area->annexes;
    for (size_t i = 0; i < ROWS; i++)
        annexes->own[i] = rows[i]->open != NULL ? rows[i]->open(memory_of(&area->annexes, i), area, find) : NULL;
}

void mproc__annexes_close(struct annexes *annexes)
{
    for (size_t i = 0; i < ROWS; i++)
        free(annexes->own[i]);
}

static bool hears(const struct annexes *annexes, uint32_t wanted, size_t row)
{
    return (wanted >> row & 1) != 0 && annexes->own[row] != NULL;
}

int64_t mproc__annexes_begun(const struct annexes *annexes, uint32_t wanted, const struct mproc_task *task,
                             any_function *function, mproc_view argument)
{
    int64_t ticks = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (hears(annexes, wanted, i) && rows[i]->begun != NULL)
            ticks += rows[i]->begun(annexes->own[i], task, function, argument);
    return ticks;
}

int64_t mproc__annexes_ended(const struct annexes *annexes, uint32_t wanted, const struct mproc_task *task,
                             any_function *function, mproc_view value)
{
    int64_t ticks = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (hears(annexes, wanted, i) && rows[i]->ended != NULL)
            ticks += rows[i]->ended(annexes->own[i], task, function, value);
    return ticks;
}
