#include "window/task_rows.h"

#include "model/text.h"
#include "window/task_look.h"
#include "window/task_order.h"
#include <inttypes.h>
#include <stdio.h>

const struct table_column task_columns[TASK_COLUMNS] = {
    [TASK_COLUMN_STATE] = { "State", 112, TABLE_STATE, false, false, false },
    [TASK_COLUMN_TASK] = { "Task", 76, TABLE_TEXT, true, false, false },
    [TASK_COLUMN_FUNCTION] = { "Function", 96, TABLE_TEXT, false, false, false },
    [TASK_COLUMN_ARGUMENT] = { "Argument", 146, TABLE_PATH, false, false, false },
    [TASK_COLUMN_OUTCOME] = { "Result or error", 0, TABLE_TEXT, false, true, false },
    [TASK_COLUMN_WORKER] = { "Worker", 76, TABLE_TEXT, true, false, false },
    [TASK_COLUMN_TRY] = { "Try", 56, TABLE_TEXT, true, false, false },
    [TASK_COLUMN_WAIT] = { "Wait", 72, TABLE_TEXT, true, false, false },
    [TASK_COLUMN_RUN] = { "Run", 84, TABLE_TEXT, true, false, false },
    [TASK_COLUMN_PLACE] = { "Call site", 100, TABLE_TEXT, false, false, true },
    [TASK_COLUMN_QUEUED] = { "Queued", 100, TABLE_TEXT, true, false, true },
    [TASK_COLUMN_STARTED] = { "Started", 100, TABLE_TEXT, true, false, true },
    [TASK_COLUMN_ENDED] = { "Finished", 100, TABLE_TEXT, true, false, true },
};

static void put(struct table_cell *cell, const char *text)
{
    g_strlcpy(cell->words.text, text, sizeof cell->words.text);
}

static void put_time(struct table_cell *cell, const struct view *view, int64_t time_ns)
{
    if (time_ns != 0)
        put(cell, text_clock(model_wall_ns(view->model, time_ns)).text);
}

static void put_length(struct table_cell *cell, int64_t ns, bool is_known)
{
    if (is_known)
        put(cell, text_duration(ns).text);
}

struct words task_row_number(const struct model_task *task)
{
    struct words words;
    if (task->key.item >= 0)
        snprintf(words.text, sizeof words.text, "%s / %s", text_count(task->key.task).text,
                 text_count((uint64_t)task->key.item).text);
    else
        snprintf(words.text, sizeof words.text, "%s", text_count(task->key.task).text);
    return words;
}

/* ---- Cells ---- */

static void fill_state(const struct task_scene *scene, const struct model_task *task, struct table_cell *cell)
{
    struct task_look look = task_look(scene, task);
    put(cell, look.word);
    cell->glyph = look.glyph;
    cell->class = look.class;
}

static void fill_run(const struct view *view, const struct task_scene *scene, const struct model_task *task,
                     struct table_cell *cell)
{
    int64_t run_ns, known_ns;
    double ratio;
    if (!task_scene_has(scene, task) || !task_run_ns(task, scene->now_ns, &run_ns))
        return;
    put_length(cell, run_ns, true);
    bool is_slow = task->items <= 1 && task_run_ns(task, MIN(scene->now_ns, model_known_ns(view->model)), &known_ns) &&
                   function_is_slow(pool_function_at(view->pool, task->function), known_ns, &ratio);
    cell->class = is_slow ? "warn" : NULL;
}

static void fill_numbers(const struct view *view, const struct task_scene *scene, const struct model_task *task,
                         enum task_column column, struct table_cell *cell)
{
    int64_t wait_ns = 0;
    if (column == TASK_COLUMN_WORKER && task->worker >= 0)
        put(cell, text_count((uint64_t)task->worker).text);
    else if (column == TASK_COLUMN_TRY && task->attempt > 0)
        put(cell, task_tries(task).text);
    else if (column == TASK_COLUMN_WAIT)
        put_length(cell, wait_ns, task_scene_has(scene, task) && task_waited_ns(task, scene->now_ns, &wait_ns));
    else if (column == TASK_COLUMN_RUN)
        fill_run(view, scene, task, cell);
    else if (column == TASK_COLUMN_QUEUED)
        put_time(cell, view, task->submitted_ns);
    else if (column == TASK_COLUMN_STARTED)
        put_time(cell, view, task->begun_ns);
    else if (column == TASK_COLUMN_ENDED)
        put_time(cell, view, task->ended_ns);
}

void task_row_fill(const struct view *view, const struct task_scene *scene, const struct model_task *task,
                   enum task_column column, struct table_cell *ret_cell)
{
    switch (column) {
    case TASK_COLUMN_STATE:
        fill_state(scene, task, ret_cell);
        break;
    case TASK_COLUMN_TASK:
        ret_cell->words = task_row_number(task);
        break;
    case TASK_COLUMN_FUNCTION:
    case TASK_COLUMN_PLACE:
        put(ret_cell, task_order_text(scene, task, column, NULL));
        break;
    case TASK_COLUMN_ARGUMENT:
        ret_cell->words = words_task_input(task);
        break;
    case TASK_COLUMN_OUTCOME:
        ret_cell->words = task_outcome(scene, task, &ret_cell->class);
        break;
    default:
        fill_numbers(view, scene, task, column, ret_cell);
        break;
    }
}

char *task_row_text(const struct view *view, const struct task_scene *scene, const struct model_task *task)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < TASK_COLUMNS; i++) {
        struct table_cell cell = { .part = -1 };
        task_row_fill(view, scene, task, i, &cell);
        g_string_append_printf(text, "%s%s", i > 0 ? "\t" : "", cell.words.text);
    }
    return g_string_free(text, FALSE);
}
