#include "window/task_order.h"

#include <string.h>

/* So many rows are sorted before somebody asks whether it is still wanted. */
#define RUN_ROWS 16384u

/* A row, and what it is sorted by: less is before more. Of texts that is their beginning. */
struct sorted {
    uint64_t key;
    uint32_t index;
};

struct order {
    const struct model_task *const *tasks;
    const struct task_question *question;
    const struct task_scene *scene;
    GCancellable *cancel;
};

#define KEY_NONE UINT64_MAX

/* ---- What a row is sorted by ---- */

const char *task_order_text(const struct task_scene *scene, const struct model_task *task, enum task_column column,
                            struct words *room)
{
    const char *class;
    switch (column) {
    case TASK_COLUMN_FUNCTION:
        return task_scene_name(scene, task->function);
    case TASK_COLUMN_PLACE:
        return task_scene_place(scene, task->function);
    case TASK_COLUMN_ARGUMENT:
        return task_text(task, task->sizes[TASK_ARGUMENT] > 0 ? TASK_ARGUMENT : TASK_LABEL);
    case TASK_COLUMN_OUTCOME:
        if (task_state(task) == TASK_DONE)
            return task_text(task, TASK_RESULT);
        *room = task_outcome(scene, task, &class);
        return room->text;
    default:
        return NULL;
    }
}

static uint64_t key_of_text(const char *text)
{
    uint64_t key = 0;
    if (text[0] == '\0')
        return KEY_NONE;
    for (int i = 0; i < 8; i++) {
        key = key << 8 | (unsigned char)*text;
        text += *text != '\0';
    }
    return key;
}

/* Times and lengths, of which none is before the first. */
static uint64_t key_of_ns(int64_t ns)
{
    return ns > 0 ? (uint64_t)ns : KEY_NONE;
}

static uint64_t key_of_run(const struct order *order, const struct model_task *task)
{
    int64_t run_ns;
    bool is_known = task_scene_has(order->scene, task) && task_run_ns(task, order->scene->now_ns, &run_ns);
    return is_known ? (uint64_t)MAX(run_ns, 0) : KEY_NONE;
}

static uint64_t key_of_number(const struct order *order, const struct model_task *task)
{
    switch (order->question->column) {
    case TASK_COLUMN_STATE:
        return task_look(order->scene, task).weight;
    case TASK_COLUMN_TASK:
        return task->key.task;
    case TASK_COLUMN_WORKER:
        return task->worker >= 0 ? (uint64_t)task->worker : KEY_NONE;
    case TASK_COLUMN_TRY:
        return task->attempt > 0 ? task->attempt : KEY_NONE;
    case TASK_COLUMN_WAIT:
        return key_of_ns(task->wait_ns);
    case TASK_COLUMN_RUN:
        return key_of_run(order, task);
    case TASK_COLUMN_QUEUED:
        return key_of_ns(task->submitted_ns);
    case TASK_COLUMN_STARTED:
        return key_of_ns(task->begun_ns);
    default:
        return key_of_ns(task->ended_ns);
    }
}

/* What has nothing there stays last, in whichever direction. */
static uint64_t key_of(const struct order *order, const struct model_task *task)
{
    struct words room;
    const char *text = task_order_text(order->scene, task, order->question->column, &room);
    uint64_t key = text != NULL ? key_of_text(text) : key_of_number(order, task);
    return key == KEY_NONE || !order->question->is_descending ? key : KEY_NONE - 1 - key;
}

/* ---- Which is first ---- */

static int compare_texts(const struct order *order, const struct model_task *one, const struct model_task *other)
{
    struct words rooms[2];
    const char *a = task_order_text(order->scene, one, order->question->column, &rooms[0]);
    const char *b = task_order_text(order->scene, other, order->question->column, &rooms[1]);
    int way = a != NULL && a != b ? strcmp(a, b) : 0;
    return order->question->is_descending ? -way : way;
}

static int compare_items(const struct order *order, const struct model_task *one, const struct model_task *other)
{
    int way = (one->key.item > other->key.item) - (one->key.item < other->key.item);
    return order->question->is_descending ? -way : way;
}

static int compare(gconstpointer one, gconstpointer other, gpointer data)
{
    const struct order *order = data;
    const struct sorted *a = one, *b = other;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    const struct model_task *first = order->tasks[a->index], *second = order->tasks[b->index];
    int way = order->question->column == TASK_COLUMN_TASK ? compare_items(order, first, second)
                                                          : compare_texts(order, first, second);
    return way != 0 ? way : (first->number < second->number) - (first->number > second->number);
}

/* ---- Sorting: short runs, then pairs of them become one ---- */

static bool is_cancelled(const struct order *order)
{
    return g_cancellable_is_cancelled(order->cancel);
}

static bool sort_runs(struct order *order, struct sorted *rows, guint count)
{
    for (guint at = 0; at < count; at += RUN_ROWS) {
        if (is_cancelled(order))
            return false;
        g_qsort_with_data(rows + at, (int)MIN(RUN_ROWS, count - at), sizeof *rows, compare, order);
    }
    return true;
}

static void merge(struct order *order, const struct sorted *from, guint middle, guint end, struct sorted *to)
{
    guint left = 0, right = middle;
    for (guint i = 0; i < end; i++) {
        bool is_left = right >= end || (left < middle && compare(&from[left], &from[right], order) <= 0);
        to[i] = is_left ? from[left++] : from[right++];
    }
}

static bool merge_runs(struct order *order, struct sorted **rows, struct sorted **room, guint count)
{
    for (guint width = RUN_ROWS; width < count; width *= 2) {
        for (guint at = 0; at < count; at += 2 * width) {
            if (is_cancelled(order))
                return false;
            guint left = count - at;
            merge(order, *rows + at, MIN(width, left), MIN(2 * width, left), *room + at);
        }
        struct sorted *merged = *room;
        *room = *rows;
        *rows = merged;
    }
    return true;
}

static GArray *indexes_of(const struct sorted *rows, guint count)
{
    GArray *indexes = g_array_sized_new(FALSE, FALSE, sizeof(guint), count);
    for (guint i = 0; i < count; i++)
        g_array_append_val(indexes, ((guint){ rows[i].index }));
    return indexes;
}

static GArray *sort(struct order *order, GArray *wanted)
{
    guint count = wanted->len;
    struct sorted *rows = (struct sorted *)(void *)g_array_free(wanted, FALSE);
    struct sorted *room = count > RUN_ROWS ? g_new(struct sorted, count) : NULL;
    bool is_done = sort_runs(order, rows, count) && merge_runs(order, &rows, &room, count);
    GArray *indexes = is_done ? indexes_of(rows, count) : NULL;
    g_free(rows);
    g_free(room);
    return indexes;
}

/* ---- All of it ---- */

/* NULL if it was cancelled. */
static GArray *collect(struct order *order, guint count)
{
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(struct sorted));
    for (guint i = 0; i < count; i++) {
        const struct model_task *task = order->tasks[i];
        if (i % RUN_ROWS == 0 && is_cancelled(order)) {
            g_array_unref(wanted);
            return NULL;
        }
        if (task != NULL && task_question_wants(order->question, order->scene, task))
            g_array_append_val(wanted, ((struct sorted){ key_of(order, task), i }));
    }
    return wanted;
}

GArray *task_order(const struct model_task *const *tasks, guint count, const struct task_question *question,
                   const struct task_scene *scene, GCancellable *cancel)
{
    struct order order = { tasks, question, scene, cancel };
    GArray *wanted = collect(&order, count);
    return wanted != NULL ? sort(&order, wanted) : NULL;
}
