#include "terminal/screen.h"

#include "terminal/view_log.h"
#include "terminal/view_objects.h"
#include "terminal/view_pools.h"
#include "terminal/view_tasks.h"
#include "terminal/view_workers.h"

/* Of so many events an overview shows the last, where there is room. */
#define TROUBLES  5
#define DEATHS    3
#define OBJECTS   6
#define MAPS      4
#define FUNCTIONS 6
#define LOG_LINES 8
#define MANY      1000000

static bool has_limit(const struct page *page)
{
    return page->rows > 0;
}

/* Rows for one table or list, of those that are left without its gap and head: so many, or where there is no limit as
 * many as it has. */
static int some_rows(const struct page *page, int rows)
{
    if (!has_limit(page))
        return MANY;
    int left = page_rows_left(page) - 2;
    return left < rows ? left : rows;
}

/* A block stands behind an empty line, unless there is none of it. */
struct block {
    struct page *page;
    size_t size;
    int lines;
};

static struct block block_begin(struct page *page)
{
    struct block block = { page, page->size, page->lines };
    page_gap(page);
    return block;
}

static void block_end(const struct block *block, int lines_after_gap)
{
    if (block->page->lines != lines_after_gap)
        return;
    block->page->size = block->size;
    block->page->lines = block->lines;
}

/* Nor does a title stand alone at the end. */
#define BLOCK(page, call)                                                                                              \
    do {                                                                                                               \
        if (page_rows_left(page) < 3)                                                                                  \
            break;                                                                                                     \
        struct block block = block_begin(page);                                                                        \
        int lines_after_gap = (page)->lines;                                                                           \
        call;                                                                                                          \
        block_end(&block, lines_after_gap);                                                                            \
    } while (0)

/* Instead of an empty page. */
static void say_none(struct page *page, uint64_t count, const char *text)
{
    if (count > 0)
        return;
    page_gap(page);
    page_text(page, STYLE_DIM, text);
    page_line(page);
}

/* ---- Pools ---- */

static bool is_gone(const struct model_pool *pool)
{
    return pool->said.phase == RECORD_PHASE_GONE;
}

static const struct model_pool *first_pool(const struct model *model)
{
    for (size_t i = 0; i < model->pools.all.count; i++)
        if (!is_gone(pools_at(&model->pools, i)))
            return pools_at(&model->pools, i);
    return NULL;
}

/* Pools that were freed are shown if no other is left. */
const struct model_pool *screen_pool(const struct model *model, uint32_t number)
{
    const struct model_pool *pool = pools_find(&model->pools, number);
    if (pool != NULL && !is_gone(pool))
        return pool;
    pool = first_pool(model);
    if (pool == NULL && model->pools.all.count > 0)
        pool = pools_at(&model->pools, 0);
    return pool;
}

const struct model_pool *screen_next_pool(const struct model *model, uint32_t number)
{
    const struct model_pool *pool = screen_pool(model, number);
    bool passed = false;
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *next = pools_at(&model->pools, i);
        if (passed && !is_gone(next))
            return next;
        passed |= next == pool;
    }
    return first_pool(model);
}

static void draw_pool(struct page *page, const struct model *model, const struct model_pool *pool, bool in_full,
                      int worker_rows)
{
    BLOCK(page, view_pool(page, model, pool));
    if (!in_full)
        return;
    if (pool->said.phase < RECORD_PHASE_OVER)
        BLOCK(page, view_workers(page, model, pool, some_rows(page, worker_rows)));
    BLOCK(page, view_maps(page, model, pool, some_rows(page, MAPS)));
}

static void draw_pools(struct page *page, const struct model *model, const struct model_pool *chosen, int worker_rows)
{
    bool all = first_pool(model) == NULL;
    for (size_t i = 0; i < model->pools.all.count; i++) {
        const struct model_pool *pool = pools_at(&model->pools, i);
        if (all || !is_gone(pool))
            draw_pool(page, model, pool, !has_limit(page) || pool == chosen, worker_rows);
    }
    say_none(page, model->pools.all.count, "The program has no pool at the moment.");
}

/* ---- Pages ---- */

static void draw_overview(struct page *page, const struct model *model, const struct model_pool *chosen)
{
    BLOCK(page, view_deadlocks(page, model));
    draw_pools(page, model, chosen, page->rows / 2);
    BLOCK(page, view_troubles(page, model, has_limit(page) ? some_rows(page, TROUBLES) : 4 * TROUBLES));
    BLOCK(page, view_deaths(page, model, has_limit(page) ? DEATHS : 4 * DEATHS, !has_limit(page)));
    BLOCK(page, view_objects(page, model, some_rows(page, OBJECTS), !has_limit(page)));
    if (!has_limit(page))
        for (size_t i = 0; i < model->pools.all.count; i++)
            BLOCK(page, view_functions(page, pools_at(&model->pools, i), MANY));
    int left = page_rows_left(page) - 2;
    if (left > 0)
        BLOCK(page, view_log(page, model, has_limit(page) && left < LOG_LINES ? left : LOG_LINES));
}

static void draw_workers(struct page *page, const struct model *model, const struct model_pool *chosen)
{
    if (chosen != NULL)
        draw_pool(page, model, chosen, true, page->rows / 2);
    if (chosen != NULL)
        BLOCK(page, view_functions(page, chosen, some_rows(page, FUNCTIONS)));
    BLOCK(page, view_deaths(page, model, MANY, true));
}

static void draw_locks(struct page *page, const struct model *model)
{
    BLOCK(page, view_deadlocks(page, model));
    BLOCK(page, view_objects(page, model, some_rows(page, MANY), true));
    say_none(page, model->objects.all.count, "The program uses no named lock or queue.");
}

void screen_draw(struct page *page, const struct model *model, enum screen screen, uint32_t chosen)
{
    view_process(page, model);
    switch (screen) {
    case SCREEN_OVERVIEW:
        draw_overview(page, model, screen_pool(model, chosen));
        break;
    case SCREEN_WORKERS:
        draw_workers(page, model, screen_pool(model, chosen));
        break;
    case SCREEN_TASKS:
        BLOCK(page, view_tasks(page, model, some_rows(page, MANY)));
        break;
    case SCREEN_LOCKS:
        draw_locks(page, model);
        break;
    case SCREEN_LOG:
        BLOCK(page, view_log(page, model, page_rows_left(page) - 2));
        say_none(page, events_line_count(&model->events), "Nothing was logged, and no worker has written to stderr.");
        break;
    }
}
