#include "window/run_times.h"

#include "model/text.h"
#include "window/attempt_words.h"

/* Of so many tasks, the last ones. */
#define OF_POOL 10000u
/* That many at the most, since they may be those of other pools. */
#define LOOKED_AT 50000u
/* More than any pool has that is not made to have many. */
#define CELLS_MAX 65536u

struct times {
    GArray *cells; /* struct model_bin */
    int64_t least_ns, most_ns;
};

static void add_function(struct times *times, const struct model_function *function)
{
    struct model_bin bin;
    size_t at = 0;
    while (times->cells->len < CELLS_MAX && function_next_bin(function, &at, &bin))
        g_array_append_val(times->cells, bin);
    if (at == 0)
        return;
    if (times->least_ns == 0 || function->stats.run_min_ns < times->least_ns)
        times->least_ns = function->stats.run_min_ns;
    times->most_ns = MAX(times->most_ns, function->stats.run_max_ns);
}

static bool has_returned(const struct model_task *task)
{
    enum task_state state = task_state(task);
    return state == TASK_DONE || state == TASK_FAILED;
}

static void add_tasks(struct times *times, const struct view *view)
{
    const struct tasks *tasks = &view->model->tasks;
    for (uint32_t i = 0; i < MIN(tasks_count(tasks), LOOKED_AT) && times->cells->len < OF_POOL; i++) {
        const struct model_task *task = tasks_at(tasks, i);
        const struct model_bin cell = { task->run_ns, task->run_ns, 1 };
        if (task->key.pool == view->pool->number && has_returned(task) && task->run_ns > 0)
            g_array_append_val(times->cells, cell);
    }
}

void run_times_collect(struct bins *ret_bins, const struct view *view)
{
    struct times times = { .cells = g_array_new(FALSE, FALSE, sizeof(struct model_bin)) };
    for (uint32_t i = 0; i < view->pool->functions.count; i++)
        add_function(&times, pool_function_at(view->pool, i));
    if (times.cells->len == 0)
        add_tasks(&times, view);
    bins_make(ret_bins, (struct model_bin *)(void *)times.cells->data, times.cells->len, times.least_ns, times.most_ns);
    g_array_unref(times.cells);
}

/* ---- What did not return ---- */

static void add_death(struct run_losses *losses, const struct model *model, const struct record_death *death)
{
    const struct task_key key = { death->pool, death->task, death->item };
    const struct model_task *attempt = attempt_find(model, &key, death->attempt, death->pid);
    losses->count++;
    if (attempt != NULL && attempt->begun_ns != 0)
        losses->longest_ns = MAX(losses->longest_ns, death->time_ns - attempt->begun_ns);
}

/* The pool counts those, too, that were told of to nobody, or are not kept; how long such a one ran nobody knows. Where
 * no function says what died, a worker that died had a task as a rule. */
struct run_losses run_times_losses(const struct view *view)
{
    struct run_losses losses = { 0, 0 };
    uint64_t counted = 0;
    for (uint64_t i = 0; i < events_death_count(&view->model->events); i++) {
        const struct record_death *death = &events_death_at(&view->model->events, i)->said;
        if (death->pool == view->pool->number && death->task != 0)
            add_death(&losses, view->model, death);
    }
    for (uint32_t i = 1; i < view->pool->functions.count; i++)
        counted += pool_function_at(view->pool, i)->stats.died;
    if (counted == 0 && view->model->events.death_total > events_death_count(&view->model->events))
        counted = view->pool->counts.deaths;
    if (counted > losses.count)
        losses = (struct run_losses){ counted, 0 };
    return losses;
}

struct words run_times_without(const struct run_losses *losses)
{
    if (losses->count == 0)
        return words_format("%s", "");
    struct number_text count = text_count(losses->count), longest = text_duration(losses->longest_ns);
    if (losses->longest_ns <= 0)
        return words_format("without %s that died", count.text);
    return losses->count == 1 ? words_format("without one that died, after %s", longest.text)
                              : words_format("without %s that died, the longest after %s", count.text, longest.text);
}
