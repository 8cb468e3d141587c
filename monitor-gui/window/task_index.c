#include "window/task_index.h"

#include "window/task_job.h"
#include "window/task_order.h"

/* The mirror is brought up to date for so long at a time, and so often while it is not. */
#define SLICE_US 3000
#define PUMP_MS  16u
/* So many rows may move by themselves: they are seen all at once. */
#define FEW_ROWS 30u
/* Following may take the thread a part of so much of its time. */
#define SHARE 10
/* An order that is younger is as good as one of now. */
#define OLD_NS INT64_C(1000000000)

struct task_index {
    task_index_fn *changed;
    void *user;
    struct view view;
    struct task_question question;
    struct task_mirror *mirror; /* NULL: the job has it */
    struct task_scene *scene;   /* as of the last beat */
    struct task_job *job;
    bool is_wanted, is_asked; /* rows are to be found; somebody has asked for them */
    bool is_void;             /* what the job comes back with is of no use */
    unsigned turns;           /* of a recording, that were seen */
    guint pump;
    int64_t next_us;   /* before that nothing is found that nobody has asked for */
    int64_t settle_us; /* until then it follows */
    struct task_rows rows;
    /* By the process's clock: of when the rows are that are looked for, and that there are. */
    int64_t asked_ns, found_ns;
    guint counts[TASK_FILTERS];
    struct task_news news;
    bool has_moved;             /* a row would stand elsewhere by now */
    struct task_rows gathering; /* whose tasks are asked for; offsets NULL: none are */
    task_index_tasks_fn *gathered;
    void *gatherer;
};

/* ---- What has changed ---- */

static void count(struct task_index *index, const struct model_task *task, int by)
{
    if (task == NULL || task->key.pool != index->view.number)
        return;
    enum task_filter group = task_group(task);
    for (int filter = TASKS_ALL; filter < TASK_FILTERS; filter++)
        if (task_is_in(task, group, (enum task_filter)filter))
            index->counts[filter] += (guint)by;
}

static void count_news(struct task_index *index, const struct model_task *task, int by)
{
    if (by < 0 && index->news.count == 0)
        return;
    index->news.count += (guint)by;
    if (task_group(task) == TASKS_FAILED && (by > 0 || index->news.failed > 0))
        index->news.failed += (guint)by;
}

/* A task that has a row keeps it. One that has none may be asked for from now on, as one that fails is where those are,
 * or no longer. before: the same task as it was; NULL if it was not known. */
static void note_row(struct task_index *index, const struct model_task *before, const struct model_task *task)
{
    bool was_wanted = before != NULL && task_question_wants(&index->question, index->scene, before);
    if (was_wanted && task->number < index->rows.total) {
        index->has_moved = index->has_moved || task_order_moves(&index->question, index->scene, before, task);
        return;
    }
    if (was_wanted)
        count_news(index, before, -1);
    if (task_question_wants(&index->question, index->scene, task))
        count_news(index, task, 1);
}

static void note_change(void *user, const struct model_task *before, const struct model_task *task)
{
    struct task_index *index = user;
    count(index, before, -1);
    count(index, task, 1);
    if (task != NULL && index->rows.offsets != NULL)
        note_row(index, before != NULL && before->number == task->number ? before : NULL, task);
}

static bool follow(struct task_index *index)
{
    return task_mirror_follow(index->mirror, &index->view.model->tasks, g_get_monotonic_time() + SLICE_US, note_change,
                              index);
}

/* ---- Jobs ---- */

static gboolean pump(gpointer data);

static void pump_soon(struct task_index *index)
{
    if (index->pump == 0)
        index->pump = g_timeout_add(PUMP_MS, pump, index);
}

static void forget_changes(struct task_index *index)
{
    index->news = (struct task_news){ 0, 0 };
    index->has_moved = false;
}

static void take_rows(struct task_index *index, struct task_job *job)
{
    if (job->rows.offsets == NULL)
        return;
    g_clear_pointer(&index->rows.offsets, g_array_unref);
    index->rows = job->rows;
    job->rows.offsets = NULL;
    forget_changes(index);
    index->found_ns = index->asked_ns;
    index->is_asked = index->is_wanted;
    index->next_us = g_get_monotonic_time() + SHARE * job->took_us;
    index->changed(index->user);
}

static void take_tasks(struct task_index *index, struct task_job *job)
{
    task_index_tasks_fn *gathered = index->gathered;
    index->gathered = NULL;
    g_clear_pointer(&index->gathering.offsets, g_array_unref);
    if (gathered != NULL)
        gathered(index->gatherer, g_steal_pointer(&job->tasks));
}

static void on_done(struct task_job *job);

/* From the mirror as it is: the rows were found in it, and what it is behind the model they are too. */
static void fetch(struct task_index *index, struct task_mirror *mirror)
{
    index->job = task_job_fetch(index, mirror, &index->gathering, on_done);
}

static void take_mirror(struct task_index *index, struct task_mirror *mirror)
{
    if (index->is_void)
        task_mirror_discard(mirror);
    index->mirror = index->is_void ? task_mirror_new() : mirror;
    index->is_void = false;
    if (index->is_wanted)
        pump_soon(index);
}

static void on_done(struct task_job *job)
{
    struct task_index *index = job->owner;
    if (index == NULL)
        return;
    bool is_void = index->is_void;
    struct task_mirror *mirror = g_steal_pointer(&job->mirror);
    index->job = NULL;
    if (job->tasks == NULL && index->gathered != NULL)
        fetch(index, mirror);
    else
        take_mirror(index, mirror);
    if (job->tasks != NULL)
        take_tasks(index, job);
    else if (!is_void)
        take_rows(index, job);
}

static void begin_job(struct task_index *index)
{
    struct task_mirror *mirror = g_steal_pointer(&index->mirror);
    index->is_wanted = false;
    index->asked_ns = index->view.model->now_ns;
    index->job =
        task_job_find(index, mirror, task_scene_new(index->view.model, index->view.pool), &index->question, on_done);
}

/* Goes on with what is to be done; false if there is nothing more, or it is another's turn. */
static bool go_on(struct task_index *index)
{
    if (index->job != NULL || !view_renew(&index->view))
        return false;
    if (!follow(index))
        return true;
    if (index->gathered != NULL)
        fetch(index, g_steal_pointer(&index->mirror));
    else if (index->is_wanted)
        begin_job(index);
    return false;
}

static gboolean pump(gpointer data)
{
    struct task_index *index = data;
    if (go_on(index))
        return G_SOURCE_CONTINUE;
    index->pump = 0;
    return G_SOURCE_REMOVE;
}

static void cancel(struct task_index *index)
{
    if (index->job != NULL)
        g_cancellable_cancel(index->job->cancel);
}

/* ---- From outside ---- */

struct task_index *task_index_new(task_index_fn *changed, void *user)
{
    struct task_index *index = g_new0(struct task_index, 1);
    index->changed = changed;
    index->user = user;
    index->mirror = task_mirror_new();
    return index;
}

/* Who waits for tasks is told that there will be none. */
static void forget_gatherer(struct task_index *index)
{
    task_index_tasks_fn *gathered = index->gathered;
    index->gathered = NULL;
    g_clear_pointer(&index->gathering.offsets, g_array_unref);
    if (gathered != NULL)
        gathered(index->gatherer, NULL);
}

/* Tasks and counts are of another pool, or another model, from now on. A job has what is gathered. */
static void forget_tasks(struct task_index *index)
{
    if (index->job != NULL)
        index->is_void = true;
    else
        forget_gatherer(index);
    cancel(index);
    if (index->mirror != NULL) {
        task_mirror_discard(index->mirror);
        index->mirror = task_mirror_new();
    }
    memset(index->counts, 0, sizeof index->counts);
    forget_changes(index);
}

void task_index_rest(struct task_index *index)
{
    forget_tasks(index);
    g_clear_handle_id(&index->pump, g_source_remove);
    g_clear_pointer(&index->rows.offsets, g_array_unref);
    index->is_wanted = index->is_asked = false;
    index->view = (struct view){ .watch = NULL };
}

void task_index_free(struct task_index *index)
{
    if (index == NULL)
        return;
    task_index_rest(index);
    forget_gatherer(index);
    if (index->job != NULL)
        index->job->owner = NULL;
    task_mirror_discard(index->mirror);
    task_scene_free(index->scene);
    task_question_clear(&index->question);
    g_free(index);
}

static unsigned turns_of(const struct view *view)
{
    return view->watch->replay != NULL ? replay_turns(view->watch->replay) : 0;
}

static void look_at(struct task_index *index, const struct view *view)
{
    bool is_same = view_is_same(&index->view, view);
    bool is_older = turns_of(view) != index->turns;
    index->turns = turns_of(view);
    index->view = *view;
    bool was_over = index->scene != NULL && index->scene->is_over;
    task_scene_free(index->scene);
    index->scene = task_scene_new(view->model, view->pool);
    index->has_moved |= index->scene->is_over != was_over; /* nothing runs or waits any more, without an event */
    if (is_same && !is_older)
        return;
    forget_tasks(index);
    index->is_wanted = true;
    if (!is_same)
        g_clear_pointer(&index->rows.offsets, g_array_unref);
}

void task_index_renew(struct task_index *index)
{
    index->is_wanted = index->is_asked = true;
    if (index->job != NULL && index->gathered == NULL)
        cancel(index);
    pump_soon(index);
}

void task_index_ask(struct task_index *index, const struct view *view, const struct task_question *question)
{
    index->settle_us = g_get_monotonic_time() + TASK_INDEX_SETTLE_US;
    look_at(index, view);
    task_question_clear(&index->question);
    index->question = task_question_copy(question);
    task_index_renew(index);
}

/* So much comes that most of what the rows stand for is forgotten already: nothing is left to stand still. */
static bool is_gone(const struct task_index *index)
{
    uint64_t first = index->view.model->tasks.first, base = index->rows.base;
    return first > base && first - base > (index->rows.total - base) / 2;
}

/* While a recording stands it is the user who moves it, and all that is shown with it. */
static bool follows(const struct task_index *index)
{
    const struct watch *watch = index->view.watch;
    enum task_filter filter = index->question.filter;
    if (task_index_count(index) < FEW_ROWS || g_get_monotonic_time() < index->settle_us || is_gone(index))
        return true;
    return filter == TASKS_RUNNING || filter == TASKS_WAITING || (watch->replay != NULL && !watch->is_playing);
}

void task_index_beat(struct task_index *index, const struct view *view)
{
    look_at(index, view);
    bool is_news = view->model->tasks.changes != index->rows.changes || index->rows.offsets == NULL;
    if (is_news && follows(index) && g_get_monotonic_time() >= index->next_us)
        index->is_wanted = true;
    if (index->pump == 0 && go_on(index))
        pump_soon(index);
}

/* ---- What it has found ---- */

guint task_index_count(const struct task_index *index)
{
    return index->rows.offsets != NULL ? index->rows.offsets->len : 0;
}

uint64_t task_index_number(const struct task_index *index, guint row)
{
    return index->rows.base + g_array_index(index->rows.offsets, guint, row);
}

const struct model_task *task_index_task(const struct task_index *index, const struct model *model, guint row)
{
    return row < task_index_count(index) ? tasks_numbered(&model->tasks, task_index_number(index, row)) : NULL;
}

guint task_index_row(const struct task_index *index, const struct model_task *task)
{
    for (guint i = 0; i < task_index_count(index); i++)
        if (task_index_number(index, i) == task->number)
            return i;
    return GTK_INVALID_LIST_POSITION;
}

/* Most of a million rows are none of them: that is seen by one look. */
#define SIEVE 65536u

GtkBitset *task_index_rows(const struct task_index *index, const GArray *numbers)
{
    GtkBitset *rows = gtk_bitset_new_empty();
    g_autofree guint8 *sieve = g_new0(guint8, SIEVE);
    g_autoptr(GHashTable) wanted = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < numbers->len; i++) {
        uint64_t *number = &g_array_index(numbers, uint64_t, i);
        sieve[*number % SIEVE] = 1;
        g_hash_table_add(wanted, number);
    }
    for (guint i = 0; numbers->len > 0 && i < task_index_count(index); i++) {
        uint64_t number = task_index_number(index, i);
        if (sieve[number % SIEVE] != 0 && g_hash_table_contains(wanted, &number))
            gtk_bitset_add(rows, i);
    }
    return rows;
}

bool task_index_is_busy(const struct task_index *index)
{
    return index->is_asked;
}

struct task_news task_index_news(const struct task_index *index)
{
    return index->news;
}

/* What runs and waits is always longer: others are passed by it, and none of them changes. */
static bool grows(const struct task_index *index)
{
    bool is_mixed = index->question.filter == TASKS_ALL || index->question.filter == TASKS_RETRIED;
    if (index->question.column == TASK_COLUMN_RUN)
        return is_mixed && index->counts[TASKS_RUNNING] > 0;
    return index->question.column == TASK_COLUMN_WAIT && is_mixed && index->counts[TASKS_WAITING] > 0;
}

int64_t task_index_stands_ns(const struct task_index *index)
{
    const struct model *model = index->view.model;
    bool is_old = index->rows.offsets != NULL && model != NULL && model->now_ns - index->found_ns >= OLD_NS;
    return is_old && (index->has_moved || grows(index)) ? index->found_ns : 0;
}

const guint *task_index_counts(const struct task_index *index)
{
    return index->counts;
}

bool task_index_gather(struct task_index *index, task_index_tasks_fn *gathered, void *user)
{
    if (index->rows.offsets == NULL || index->gathered != NULL)
        return false;
    index->gathering = index->rows;
    g_array_ref(index->gathering.offsets);
    index->gathered = gathered;
    index->gatherer = user;
    if (index->job == NULL && index->mirror->seen > 0)
        fetch(index, g_steal_pointer(&index->mirror));
    else
        pump_soon(index); /* of a recording that is read anew it has nothing, for a moment */
    return true;
}
