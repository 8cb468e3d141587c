#include "window/run_times.h"

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

static void add_tasks(struct times *times, const struct view *view)
{
    const struct tasks *tasks = &view->model->tasks;
    for (uint32_t i = 0; i < MIN(tasks_count(tasks), LOOKED_AT) && times->cells->len < OF_POOL; i++) {
        const struct model_task *task = tasks_at(tasks, i);
        const struct model_bin cell = { task->run_ns, task->run_ns, 1 };
        if (task->key.pool == view->pool->number && (task->told & TASK_TOLD_ENDED) != 0 && task->run_ns > 0)
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
