#include "terminal/view_pools.h"

#include "model/bounds.h"
#include "model/text.h"
#include "model/words.h"
#include "terminal/table.h"
#include <inttypes.h>
#include <mproc/stats.h>
#include <stdio.h>

#define BETWEEN " \xc2\xb7 "

/* Where a line is short the names of its system and its library are left out. */
void view_process(struct page *page, const struct model *model)
{
    const struct record_greeting *greeting = &model->greeting;
    const char *program = words_file(kept_string(greeting->program));
    struct number_text clock = text_clock(model_wall_ns(model, model->now_ns));
    char all[160], some[48];
    snprintf(all, sizeof all, "pid %" PRId64 BETWEEN "%s" BETWEEN "mproc %s" BETWEEN "%.8s", greeting->pid,
             kept_string(greeting->system), kept_string(greeting->library), clock.text);
    snprintf(some, sizeof some, "pid %" PRId64 BETWEEN "%.8s", greeting->pid, clock.text);
    page_title(page, program, page_has_room_beside(page, program, all) ? all : some);
}

/* ---- A pool ---- */

static enum style phase_style(const struct model_pool *pool)
{
    if (pool->said.phase == RECORD_PHASE_BROKEN || pool->said.phase == RECORD_PHASE_TERMINATED)
        return STYLE_BAD;
    return pool->said.phase == RECORD_PHASE_OPEN ? STYLE_WARN : STYLE_DIM;
}

static void view_pool_title(struct page *page, const struct model *model, const struct model_pool *pool)
{
    const char *phase = words_phase(pool), *reason = kept_string(pool->said.reason);
    page_text(page, STYLE_BOLD, words_pool(model, pool->number).text);
    if (phase[0] != '\0')
        page_format(page, phase_style(pool), "  %s%s%s", phase, reason[0] != '\0' ? ": " : "", reason);
    page_format(page, STYLE_DIM, "  %s", words_method(pool));
    int64_t age_ns = pool_age_ns(pool, model->now_ns);
    if (age_ns > 0)
        page_format(page, STYLE_DIM, BETWEEN "%s %s", pool->over_ns != 0 ? "ran" : "since", text_span(age_ns).text);
    page_line(page);
}

static void add_figure(struct page *page, enum style style, const char *number, const char *of_what)
{
    if (page->used > 0)
        page_text(page, STYLE_DIM, BETWEEN);
    page_text(page, style, number);
    page_format(page, STYLE_DIM, " %s", of_what);
}

static void add_workers(struct page *page, const struct model_pool *pool)
{
    char number[128];
    size_t busy = pool_count_workers(pool, MPROC_WORKER_BUSY);
    snprintf(number, sizeof number, "%s of %s", text_count(busy).text, text_count(pool->counts.workers).text);
    add_figure(page, STYLE_BOLD, number, "busy");
}

static void add_queue(struct page *page, const struct model_pool *pool)
{
    char of_what[96] = "waiting";
    if (pool->counts.queued > 0)
        snprintf(of_what, sizeof of_what, "waiting, oldest %s", text_duration(pool->counts.oldest_ns).text);
    bool full = pool->said.max_queued > 0 && pool->counts.queued >= pool->said.max_queued;
    add_figure(page, full ? STYLE_WARN : STYLE_BOLD, text_count(pool->counts.queued).text, of_what);
}

static void add_if(struct page *page, enum style style, uint64_t count, const char *of_what)
{
    if (count > 0)
        add_figure(page, style, text_count(count).text, of_what);
}

static void view_figures(struct page *page, const struct model_pool *pool)
{
    double rate;
    add_workers(page, pool);
    add_queue(page, pool);
    if (pool->said.phase < RECORD_PHASE_OVER && history_rate(&pool->history, pool->history.last, &rate))
        add_figure(page, STYLE_BOLD, text_rate(rate).text, "done");
    add_figure(page, STYLE_BOLD, text_count(pool->counts.succeeded).text, "succeeded");
    add_if(page, STYLE_BOLD, pool->counts.items, "items");
    add_if(page, STYLE_BAD, pool->counts.failed, "failed");
    add_if(page, STYLE_DIM, pool->counts.cancelled, "cancelled");
    add_if(page, STYLE_WARN, pool->counts.retried, "retried");
    add_if(page, STYLE_BAD, pool->counts.deaths, pool->counts.deaths == 1 ? "death" : "deaths");
    page_line(page);
}

void view_pool(struct page *page, const struct model *model, const struct model_pool *pool)
{
    view_pool_title(page, model, pool);
    if (pool->counts_told.at_ns != 0)
        view_figures(page, pool);
}

/* ---- Maps ---- */

#define BAR_COLUMNS 20

static void add_bar(struct page *page, double part)
{
    char bar[BAR_COLUMNS + 3];
    int filled = (int)(bounds_part(part) * BAR_COLUMNS + 0.5);
    bar[0] = '[';
    for (int i = 0; i < BAR_COLUMNS; i++)
        bar[i + 1] = i < filled ? '#' : '.';
    memcpy(bar + BAR_COLUMNS + 1, "]", 2);
    page_format(page, STYLE_RUNNING, " %s", bar);
}

static void view_map(struct page *page, const struct model *model, const struct model_pool *pool,
                     const struct model_map *map)
{
    const struct record_map *said = &map->said;
    int64_t left_ns;
    double part = said->items > 0 && said->done < said->items ? (double)said->done / (double)said->items : 1;
    page_format(page, STYLE_PLAIN, "Map %s", words_call(pool, said->function, "", "", -1, 1).text);
    add_bar(page, part);
    page_format(page, STYLE_PLAIN, " %s", text_share(part).text);
    page_format(page, STYLE_DIM, BETWEEN "%s of %s", text_count(said->done).text, text_count(said->items).text);
    if (said->failed > 0)
        page_format(page, STYLE_BAD, BETWEEN "%s failed", text_count(said->failed).text);
    if (map_left(map, model->now_ns, &left_ns))
        page_format(page, STYLE_PLAIN, BETWEEN "%s left", text_duration(left_ns).text);
    page_line(page);
}

void view_maps(struct page *page, const struct model *model, const struct model_pool *pool, int rows)
{
    size_t count = pool->maps.count, first = count > (size_t)rows ? count - (size_t)rows : 0;
    for (size_t i = first; i < count; i++)
        view_map(page, model, pool, pool_map_at(pool, i));
}

/* ---- Functions ---- */

static const struct table_column FUNCTION_COLUMNS[] = {
    { "Function", 0, false }, { "Done", 10, true },       { "Failed", 8, true },
    { "Median", 9, true },    { "p90", 9, true },         { "p99", 9, true },
    { "Longest", 9, true },   { "Waited p50", 10, true }, { NULL, 0, false },
};

static void view_function(struct table *table, const struct model_function *function)
{
    const struct record_function_stats *stats = &function->stats;
    table_cell(table, STYLE_PLAIN, kept_string(function->said.name));
    table_cell(table, STYLE_PLAIN, text_count(stats->succeeded + stats->items).text);
    table_cell(table, STYLE_BAD, stats->failed > 0 ? text_count(stats->failed).text : "");
    table_cell(table, STYLE_PLAIN, text_duration(stats->run_p50_ns).text);
    table_cell(table, STYLE_PLAIN, text_duration(stats->run_p90_ns).text);
    table_cell(table, STYLE_PLAIN, text_duration(stats->run_p99_ns).text);
    table_cell(table, STYLE_PLAIN, text_duration(stats->run_max_ns).text);
    table_cell(table, STYLE_PLAIN, stats->wait_count > 0 ? text_duration(stats->wait_p50_ns).text : "");
    table_row(table);
}

static bool has_times(const struct model_pool *pool)
{
    for (uint32_t i = 1; i < pool->functions.count; i++)
        if (pool_function_at(pool, i)->stats.run_count > 0)
            return true;
    return false;
}

void view_functions(struct page *page, const struct model_pool *pool, int rows)
{
    if (!has_times(pool))
        return;
    struct table table = table_begin(page, FUNCTION_COLUMNS);
    for (uint32_t i = 1; i < pool->functions.count && rows > 0; i++)
        if (pool_function_at(pool, i)->stats.run_count > 0) {
            view_function(&table, pool_function_at(pool, i));
            rows--;
        }
}
