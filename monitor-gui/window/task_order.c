#include "window/task_order.h"

#include <string.h>

/* So many rows are sorted before somebody asks whether it is still wanted. */
#define RUN_ROWS 16384u

/* A row, and what it is sorted by: less is before more. Of texts that is where they begin to differ, and what follows
 * there. The tasks themselves are looked at as seldom as can be: they are all over the memory. */
struct sorted {
    uint64_t key, rest;
    uint32_t index;
    uint32_t age; /* less of what was told of later */
};

struct order {
    const struct model_task *const *tasks;
    const struct task_question *question;
    const struct task_scene *scene;
    GCancellable *cancel;
    size_t common; /* bytes that all texts begin with */
    uint64_t newest;
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

/* The next bytes of a text, zeros behind its end. */
static uint64_t key_of_bytes(const char **text)
{
    uint64_t key = 0;
    for (int i = 0; i < 8; i++) {
        key = key << 8 | (unsigned char)**text;
        *text += **text != '\0';
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

static uint64_t key_of_wait(const struct order *order, const struct model_task *task)
{
    int64_t wait_ns;
    bool is_known = task_scene_has(order->scene, task) && task_waited_ns(task, order->scene->now_ns, &wait_ns);
    return is_known ? key_of_ns(wait_ns) : KEY_NONE;
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
        return key_of_wait(order, task);
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

static bool is_of_texts(const struct task_question *question)
{
    enum task_column column = question->column;
    return column == TASK_COLUMN_FUNCTION || column == TASK_COLUMN_PLACE || column == TASK_COLUMN_ARGUMENT ||
           column == TASK_COLUMN_OUTCOME;
}

static void set_key(const struct order *order, struct sorted *row)
{
    struct words room;
    const struct model_task *task = order->tasks[row->index];
    const char *text = task_order_text(order->scene, task, order->question->column, &room);
    row->age = (uint32_t)(order->newest - task->number);
    if (text == NULL)
        row->key = key_of_number(order, task);
    else if (text[0] == '\0')
        row->key = KEY_NONE;
    else {
        text += order->common;
        row->key = key_of_bytes(&text);
        row->rest = key_of_bytes(&text);
    }
}

/* ---- Which is first ---- */

static int compare_texts(const struct order *order, const struct model_task *one, const struct model_task *other)
{
    struct words rooms[2];
    const char *a = task_order_text(order->scene, one, order->question->column, &rooms[0]);
    const char *b = task_order_text(order->scene, other, order->question->column, &rooms[1]);
    return a != b ? strcmp(a, b) : 0;
}

static int compare_items(const struct model_task *one, const struct model_task *other)
{
    return (one->key.item > other->key.item) - (one->key.item < other->key.item);
}

/* What the keys do not tell: a text is longer than these, or a number has items. */
static int compare_tasks(const struct order *order, const struct sorted *one, const struct sorted *other)
{
    const struct model_task *a = order->tasks[one->index], *b = order->tasks[other->index];
    if (order->question->column == TASK_COLUMN_TASK)
        return compare_items(a, b);
    return is_of_texts(order->question) && (one->rest & 0xff) != 0 ? compare_texts(order, a, b) : 0;
}

static int compare_keys(const struct sorted *one, const struct sorted *other)
{
    if (one->key != other->key)
        return one->key < other->key ? -1 : 1;
    return (one->rest > other->rest) - (one->rest < other->rest);
}

/* What has nothing there stays last, in whichever direction. */
static int compare(gconstpointer one, gconstpointer other, gpointer data)
{
    const struct order *order = data;
    const struct sorted *a = one, *b = other;
    int way = compare_keys(a, b);
    if (way == 0 && a->key != KEY_NONE)
        way = compare_tasks(order, a, b);
    if (way == 0)
        return (a->age > b->age) - (a->age < b->age);
    bool is_turned = order->question->is_descending && a->key != KEY_NONE && b->key != KEY_NONE;
    return is_turned ? -way : way;
}

bool task_order_moves(const struct task_question *question, const struct task_scene *scene,
                      const struct model_task *before, const struct model_task *task)
{
    struct order order = { .question = question, .scene = scene };
    if (is_of_texts(question))
        return compare_texts(&order, before, task) != 0;
    return key_of_number(&order, before) != key_of_number(&order, task);
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

/* How much of a text all of them begin with: so many bytes are known to be the same. */
static void note_common(struct order *order, const char *first, const char *text)
{
    size_t common = 0;
    while (common < order->common && first[common] == text[common] && text[common] != '\0')
        common++;
    order->common = common;
}

static void find_common(struct order *order, const GArray *wanted)
{
    struct words rooms[2];
    const char *first = NULL;
    order->common = is_of_texts(order->question) ? SIZE_MAX : 0;
    for (guint i = 0; i < wanted->len && order->common > 0; i++) {
        const struct model_task *task = order->tasks[g_array_index(wanted, struct sorted, i).index];
        const char *text = task_order_text(order->scene, task, order->question->column, &rooms[first != NULL]);
        if (text[0] != '\0' && first != NULL)
            note_common(order, first, text);
        else if (text[0] != '\0')
            first = text;
    }
    if (order->common == SIZE_MAX)
        order->common = 0;
}

static void find_keys(struct order *order, GArray *wanted)
{
    find_common(order, wanted);
    for (guint i = 0; i < wanted->len; i++)
        set_key(order, &g_array_index(wanted, struct sorted, i));
}

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
        if (task == NULL || !task_question_wants(order->question, order->scene, task))
            continue;
        g_array_append_val(wanted, ((struct sorted){ .index = i }));
        order->newest = MAX(order->newest, task->number);
    }
    return wanted;
}

GArray *task_order(const struct model_task *const *tasks, guint count, const struct task_question *question,
                   const struct task_scene *scene, GCancellable *cancel)
{
    struct order order = { .tasks = tasks, .question = question, .scene = scene, .cancel = cancel };
    GArray *wanted = collect(&order, count);
    if (wanted == NULL)
        return NULL;
    find_keys(&order, wanted);
    return sort(&order, wanted);
}
