#include "window/task_picks.h"

void task_picks_init(struct task_picks *picks)
{
    *picks = (struct task_picks){ g_array_new(FALSE, FALSE, sizeof(uint64_t)), gtk_bitset_new_empty(), 0 };
}

void task_picks_clear(struct task_picks *picks)
{
    g_clear_pointer(&picks->numbers, g_array_unref);
    g_clear_pointer(&picks->rows, gtk_bitset_unref);
}

void task_picks_take(struct task_picks *picks, const struct task_index *index, GtkBitset *rows)
{
    GtkBitsetIter iter;
    guint row;
    guint known = task_index_count(index);
    gtk_bitset_unref(picks->rows);
    picks->rows = gtk_bitset_copy(rows);
    gtk_bitset_remove_range(picks->rows, known, G_MAXUINT - known);
    picks->count = (guint)gtk_bitset_get_size(picks->rows);
    g_array_set_size(picks->numbers, 0);
    if (picks->count > TASK_PICKS_MAX || !gtk_bitset_iter_init_first(&iter, picks->rows, &row))
        return;
    do {
        uint64_t number = task_index_number(index, row);
        g_array_append_val(picks->numbers, number);
    } while (gtk_bitset_iter_next(&iter, &row));
}

void task_picks_renew(struct task_picks *picks, const struct task_index *index)
{
    gtk_bitset_unref(picks->rows);
    picks->rows = task_index_rows(index, picks->numbers);
    picks->count = (guint)gtk_bitset_get_size(picks->rows);
}

/* ---- What can be asked of them ---- */

static bool is_open(const struct model_task *task, enum task_filter group)
{
    (void)task;
    return group == TASKS_RUNNING || group == TASKS_WAITING;
}

static bool is_retriable(const struct model_task *task, enum task_filter group)
{
    return group == TASKS_FAILED && (task->told & TASK_TOLD_RETRIABLE) != 0;
}

static int by_number(gconstpointer one, gconstpointer other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

static void keep_each_once(GArray *numbers)
{
    guint kept = 0;
    g_array_sort(numbers, by_number);
    for (guint i = 0; i < numbers->len; i++) {
        uint64_t number = g_array_index(numbers, uint64_t, i);
        if (kept == 0 || g_array_index(numbers, uint64_t, kept - 1) != number)
            g_array_index(numbers, uint64_t, kept++) = number;
    }
    g_array_set_size(numbers, kept);
}

static GArray *collect(const struct task_picks *picks, const struct model *model, const struct task_scene *scene,
                       bool (*wants)(const struct model_task *task, enum task_filter group))
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (guint i = 0; i < picks->numbers->len; i++) {
        const struct model_task *task = tasks_numbered(&model->tasks, g_array_index(picks->numbers, uint64_t, i));
        if (task != NULL && wants(task, task_look(scene, task).group))
            g_array_append_val(numbers, task->key.task);
    }
    keep_each_once(numbers);
    return numbers;
}

GArray *task_picks_open(const struct task_picks *picks, const struct model *model, const struct task_scene *scene)
{
    return collect(picks, model, scene, is_open);
}

GArray *task_picks_failed(const struct task_picks *picks, const struct model *model, const struct task_scene *scene)
{
    return collect(picks, model, scene, is_retriable);
}
