#include "window/worker_rows.h"

#include "model/text.h"
#include "window/says.h"
#include <inttypes.h>
#include <mproc/stats.h>
#include <stdio.h>

static bool is_shown(const struct view *view, const struct record_death *death)
{
    return death->pool == view->pool->number && !death->expected;
}

struct worker_counts worker_rows_collect(GArray *rows, const struct view *view, enum worker_filter filter)
{
    struct worker_counts counts = { 0 };
    bool is_over = model_is_over(view->model, view->pool);
    g_array_set_size(rows, 0);
    for (size_t i = 0; i < view->pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(view->pool, i);
        if (worker == NULL || (is_over && worker->said.state == MPROC_WORKER_NONE))
            continue;
        *(is_over ? &counts.ended : &counts.alive) += 1;
        if (filter != WORKERS_DEAD && (filter != WORKERS_ALIVE || !is_over))
            g_array_append_val(rows, ((struct worker_row){ (uint32_t)i, 0, 0 }));
    }
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        if (!is_shown(view, death))
            continue;
        counts.dead++;
        if (filter == WORKERS_ALL || filter == WORKERS_DEAD)
            g_array_append_val(rows, ((struct worker_row){ death->worker, death->pid, death->lives }));
    }
    return counts;
}

const char *worker_rows_none(const struct view *view, enum worker_filter filter)
{
    if (filter == WORKERS_DEAD)
        return "No worker has died, as far as is known.";
    return model_is_over(view->model, view->pool) ? "All workers have ended." : "No worker has started so far.";
}

struct worker_title worker_rows_done(const struct view *view)
{
    uint64_t tasks = 0, chunks = 0;
    for (size_t i = 0; i < view->pool->workers.count; i++) {
        const struct model_worker *worker = pool_worker_at(view->pool, i);
        tasks += worker != NULL ? worker->said.tasks : 0;
        chunks += worker != NULL ? worker->said.chunks : 0;
    }
    if (chunks == 0)
        return (struct worker_title){ "Done", "Calls that returned, failed ones too" };
    if (chunks == tasks)
        return (struct worker_title){ "Chunks", "Chunks of maps that were run to their end, of one item or more each" };
    return (struct worker_title){ "Done", "Calls that returned, and chunks of maps: a chunk counts one, however many "
                                          "items it has" };
}

static bool is_same(const struct worker_row *one, const struct worker_row *other)
{
    return one->worker == other->worker && one->pid == other->pid && one->lives == other->lives;
}

guint worker_rows_find(const GArray *rows, const struct worker_row *row)
{
    for (guint i = 0; i < rows->len; i++)
        if (is_same(&g_array_index(rows, struct worker_row, i), row))
            return i;
    return TABLE_NO_ROW;
}

struct worker_known worker_row_look(const struct view *view, const struct worker_row *row)
{
    if (row->pid == 0)
        return (struct worker_known){ pool_worker_at(view->pool, row->worker), NULL };
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        struct worker_row other = { death->worker, death->pid, death->lives };
        if (is_shown(view, death) && is_same(&other, row))
            return (struct worker_known){ NULL, death };
    }
    return (struct worker_known){ NULL, NULL };
}

/* ---- Cells ---- */

static void put(struct table_cell *cell, const char *text)
{
    g_strlcpy(cell->words.text, text, sizeof cell->words.text);
}

/* From a million on three digits of it. */
static void put_done(struct table_cell *cell, uint64_t tasks)
{
    put(cell, tasks < 1000000 ? text_count(tasks).text : text_about((double)tasks).text);
}

static void fill_alive(const struct view *view, const struct model_worker *worker, enum worker_column column,
                       struct table_cell *cell)
{
    enum glyph glyph;
    const char *class;
    double share;
    struct words state = says_worker(view->model, view->pool, worker, &glyph, &class);
    bool is_over = model_is_over(view->model, view->pool);
    switch (column) {
    case WORKER_STATE:
        cell->words = state;
        cell->glyph = glyph;
        cell->class = class;
        break;
    case WORKER_PID:
        if (worker->said.pid != 0)
            snprintf(cell->words.text, sizeof cell->words.text, "%" PRId64, worker->said.pid);
        break;
    case WORKER_DOING:
        cell->words = says_doing(view->model, view->pool, worker, &cell->class);
        break;
    case WORKER_FOR:
        cell->words = says_for(view->model, view->pool, worker);
        cell->class = glyph == GLYPH_SLOW ? "warn" : NULL;
        break;
    case WORKER_DONE:
        put_done(cell, worker_done(worker));
        break;
    case WORKER_CPU:
        put(cell,
            !is_over && worker_cpu(view->pool, worker, view->model->now_ns, &share) ? text_share(share).text : "");
        break;
    case WORKER_MEMORY:
        put(cell, !is_over && worker->said.memory > 0 ? text_bytes(worker->said.memory).text : "");
        break;
    default:
        break;
    }
}

static void fill_dead(const struct view *view, const struct record_death *death, enum worker_column column,
                      struct table_cell *cell)
{
    cell->class = column == WORKER_STATE ? "bad" : "dim";
    switch (column) {
    case WORKER_STATE:
        cell->words = says_death(death);
        cell->glyph = GLYPH_DEAD;
        break;
    case WORKER_PID:
        snprintf(cell->words.text, sizeof cell->words.text, "%" PRId64, death->pid);
        break;
    case WORKER_DOING:
        cell->words = words_death_call(view->model, death);
        break;
    case WORKER_FOR:
        snprintf(cell->words.text, sizeof cell->words.text, "%.8s",
                 text_clock(model_wall_ns(view->model, death->time_ns)).text);
        break;
    case WORKER_DONE:
        if (death->lived_ns > 0 || death->tasks > 0)
            put_done(cell, death->tasks);
        break;
    case WORKER_MEMORY:
        put(cell, death->peak > 0 ? text_bytes(death->peak).text : "");
        break;
    default:
        break;
    }
}

void worker_row_fill(const struct view *view, const struct worker_row *row, enum worker_column column,
                     struct table_cell *ret_cell)
{
    struct worker_known known = worker_row_look(view, row);
    if (column == WORKER_INDEX) {
        snprintf(ret_cell->words.text, sizeof ret_cell->words.text, "%" PRIu32, row->worker);
        ret_cell->class = row->pid == 0 ? NULL : "dim";
    } else if (known.worker != NULL)
        fill_alive(view, known.worker, column, ret_cell);
    else if (known.death != NULL)
        fill_dead(view, known.death, column, ret_cell);
}

#define DIGIT_WIDTH 8

/* There is room for two digits; the first number is 0. */
int worker_index_more(uint64_t workers)
{
    int more = 0;
    for (uint64_t below = 100; workers > below; below *= 10)
        more += DIGIT_WIDTH;
    return more;
}
