#include "pool/look_deaths.h"
#include "pool/state.h"

static void look_at_death(struct look *look, mproc_pool *pool, struct obituary *obituary)
{
    size_t cause_size = strlen(obituary->cause);
    size_t texts_size = cause_size + obituary->label_size + obituary->argument_size + obituary->output_size;
    struct record_death *record = look_add(look, RECORD_DEATH, texts_size);
    if (record == NULL)
        return;
    *record = obituary->record;
    record->cause = mproc__journal_text(look->state, obituary->cause, cause_size);
    record->label = mproc__journal_text(look->state, obituary->label, obituary->label_size);
    record->argument = mproc__journal_text(look->state, obituary->argument, obituary->argument_size);
    record->output = mproc__journal_text(look->state, obituary->output, obituary->output_size);
    obituary->is_told = true;
    if (obituary->remains == NULL)
        return;
    look->held = pool;
    look->died[look->remains_count] = record;
    look->remains[look->remains_count++] = mproc__remains_hold(obituary->remains);
}

/* The oldest first. */
void mproc__look_at_deaths(struct look *look, mproc_pool *pool, bool all)
{
    struct obituaries *obituaries = pool->obituaries;
    for (uint64_t i = 0; obituaries != NULL && i < OBITUARIES_KEPT; i++) {
        struct obituary *obituary = obituaries->kept[(obituaries->count + i) % OBITUARIES_KEPT];
        if (obituary != NULL && (all || !obituary->is_told))
            look_at_death(look, pool, obituary);
    }
    /* The struct, and the lock of the remains, outlive the pool's end. */
    if (look->held != NULL)
        pool->references++;
}

/* ---- Their stacks ---- */

void mproc__look_add_stacks(struct look *look)
{
    for (uint32_t i = 0; i < look->remains_count; i++) {
        const char *stack = mproc__remains_stack(look->remains[i]);
        look->died[i]->stack = (struct record_text){ stack, (uint32_t)strlen(stack) };
    }
}

void mproc__look_drop_stacks(struct look *look)
{
    mproc_pool *pool = look->held;
    if (pool == NULL)
        return;
    platform_mutex_lock(&pool->lock);
    for (uint32_t i = 0; i < look->remains_count; i++)
        mproc__remains_put(look->remains[i]);
    look->remains_count = 0;
    look->held = NULL;
    pool->references--;
    mproc__pool_unlock(pool);
}
