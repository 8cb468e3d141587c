#include "terminal/view_tasks.h"

#include "model/text.h"
#include "model/words.h"
#include "terminal/table.h"
#include <inttypes.h>
#include <stdio.h>

static const struct table_column COLUMNS[] = {
    { "State", 10, false }, { "Task", 8, true },  { "Worker", 6, true },
    { "Try", 3, true },     { "Call", 0, false }, { "Result or error", 0, false },
    { "Run", 9, true },     { NULL, 0, false },
};

static enum style state_style(enum task_state state)
{
    switch (state) {
    case TASK_FAILED:
    case TASK_DIED:
    case TASK_LIMIT:
        return STYLE_BAD;
    case TASK_RETRIED:
        return STYLE_WARN;
    case TASK_RUNNING:
        return STYLE_RUNNING;
    case TASK_DONE:
        return STYLE_GOOD;
    default:
        return STYLE_DIM;
    }
}

static bool is_slow(const struct model *model, const struct model_task *task, double *ret_ratio)
{
    int64_t run_ns;
    const struct model_pool *pool = pools_find(&model->pools, task->key.pool);
    return pool != NULL && task->items <= 1 && task_run_ns(task, model_known_ns(model), &run_ns) &&
           function_is_slow(pool_function_at(pool, task->function), run_ns, ret_ratio);
}

static const char *outcome_of(const struct model_task *task)
{
    const char *error = task_text(task, TASK_ERROR);
    return error[0] != '\0' ? error : task_text(task, TASK_RESULT);
}

static void add_task(struct table *table, const struct model *model, const struct model_task *task)
{
    enum task_state state = task_state(task);
    int64_t run_ns;
    bool has_run = task_run_ns(task, model->now_ns, &run_ns);
    table_cell(table, state_style(state), words_task_state(state));
    table_format(table, STYLE_PLAIN, "%" PRIu64, task->key.task);
    table_cell(table, STYLE_PLAIN, task->worker >= 0 ? text_count((uint64_t)task->worker).text : "");
    table_cell(table, STYLE_PLAIN, task->attempt > 0 ? text_count(task->attempt).text : "");
    table_cell(table, STYLE_PLAIN, words_task_call(model, task).text);
    table_cell(table, state_style(state) == STYLE_BAD ? STYLE_BAD : STYLE_PLAIN, outcome_of(task));
    table_cell(table, STYLE_PLAIN, has_run ? text_duration(run_ns).text : "");
    table_row(table);
}

void view_tasks(struct page *page, const struct model *model, int rows)
{
    uint32_t count = tasks_count(&model->tasks);
    char beside[160];
    snprintf(beside, sizeof beside, "the last %s of %s", text_count(count).text, text_count(model->tasks.total).text);
    page_title(page, "Tasks", beside);
    if (count == 0) {
        page_text(page, STYLE_DIM, "None was told of yet.");
        page_line(page);
        return;
    }
    struct table table = table_begin(page, COLUMNS);
    for (uint32_t i = 0; i < count && rows-- > 0; i++)
        add_task(&table, model, tasks_at(&model->tasks, i));
}

/* ---- Slow and failed ---- */

static bool is_trouble(const struct model *model, const struct model_task *task, double *ret_ratio)
{
    enum task_state state = task_state(task);
    *ret_ratio = 0;
    if (state_style(state) == STYLE_BAD || state == TASK_RETRIED)
        return true;
    return is_slow(model, task, ret_ratio) || (state == TASK_DONE && task->attempt > 1);
}

static int64_t time_of(const struct model *model, const struct model_task *task)
{
    return task->ended_ns > 0 ? model->now_ns - task->ended_ns : 0;
}

static void add_why(struct page *page, const struct model_task *task, double ratio)
{
    const char *error = task_text(task, TASK_ERROR);
    if (ratio > 0)
        page_format(page, STYLE_WARN, "  %s the median", text_ratio(ratio).text);
    else if (error[0] != '\0')
        page_format(page, STYLE_BAD, "  %s", error);
    else if (task_state(task) == TASK_DONE)
        page_format(page, STYLE_WARN, "  done on attempt %" PRIu32, task->attempt);
    if (task->worker >= 0)
        page_format(page, STYLE_DIM, ", worker %" PRId64, task->worker);
}

static void add_trouble(struct page *page, const struct model *model, const struct model_task *task, double ratio)
{
    enum task_state state = task_state(task);
    if (ratio > 0)
        page_cell(page, STYLE_WARN, 10, false, "Slow");
    else
        page_cell(page, state_style(state), 10, false, words_task_state(state));
    page_cell(page, STYLE_DIM, 9, true, state == TASK_RUNNING ? "now" : text_duration(time_of(model, task)).text);
    page_format(page, STYLE_PLAIN, "  %s", words_task_call(model, task).text);
    add_why(page, task, ratio);
    page_line(page);
}

void view_troubles(struct page *page, const struct model *model, int rows)
{
    uint32_t count = tasks_count(&model->tasks);
    bool begun = false;
    for (uint32_t i = 0; i < count && rows > 0; i++) {
        double ratio;
        const struct model_task *task = tasks_at(&model->tasks, i);
        if (!is_trouble(model, task, &ratio))
            continue;
        if (!begun)
            page_title(page, "Slow and failed", "");
        begun = true;
        add_trouble(page, model, task, ratio);
        rows--;
    }
}
