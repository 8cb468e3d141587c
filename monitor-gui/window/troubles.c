#include "window/troubles.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"
#include <inttypes.h>
#include <mproc/stats.h>

#define ROWS 5
/* Of so many tasks, the last ones. */
#define LOOKED_AT 10000u

struct _MonTroubles {
    GtkBox parent_instance;
    GtkWidget *none;
    struct {
        GtkWidget *row, *glyph, *call, *about, *when;
    } rows[ROWS];
};

G_DEFINE_TYPE(MonTroubles, mon_troubles, GTK_TYPE_BOX)

static void mon_troubles_class_init(MonTroublesClass *class)
{
    (void)class;
}

static void add_row(MonTroubles *self, int index)
{
    GtkWidget *row = parts_row(8), *texts = parts_column(0);
    self->rows[index].row = row;
    self->rows[index].glyph = parts_add(row, mon_glyph_new(GLYPH_NONE));
    gtk_widget_set_valign(self->rows[index].glyph, GTK_ALIGN_START);
    gtk_widget_set_margin_top(self->rows[index].glyph, 4);
    self->rows[index].call = parts_add(texts, parts_label("", "body"));
    self->rows[index].about = parts_add(texts, parts_label("", "caption"));
    gtk_label_set_ellipsize(GTK_LABEL(self->rows[index].call), PANGO_ELLIPSIZE_MIDDLE);
    /* A long text is no reason for a wider column. */
    gtk_label_set_max_width_chars(GTK_LABEL(self->rows[index].call), 1);
    gtk_label_set_max_width_chars(GTK_LABEL(self->rows[index].about), 1);
    gtk_widget_set_hexpand(texts, TRUE);
    parts_add(row, texts);
    self->rows[index].when = parts_add(row, parts_short_label("", "caption"));
    gtk_widget_set_valign(self->rows[index].when, GTK_ALIGN_START);
    gtk_widget_set_margin_top(self->rows[index].when, 2);
    gtk_widget_set_visible(row, FALSE);
    parts_add(GTK_WIDGET(self), row);
}

static void mon_troubles_init(MonTroubles *self)
{
    GtkWidget *head = parts_row(8), *all = gtk_button_new_with_label("Show all");
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 6);
    gtk_widget_add_css_class(GTK_WIDGET(self), "block");
    gtk_widget_add_css_class(all, "link");
    gtk_actionable_set_detailed_action_name(GTK_ACTIONABLE(all), "win.page::log");
    gtk_widget_set_hexpand(parts_add(head, parts_label("Slow and failed", "section")), TRUE);
    parts_add(head, all);
    parts_add(GTK_WIDGET(self), head);
    for (int i = 0; i < ROWS; i++)
        add_row(self, i);
    self->none = parts_add(GTK_WIDGET(self), parts_label("Nothing so far.", "body dim"));
}

GtkWidget *mon_troubles_new(void)
{
    return g_object_new(MON_TYPE_TROUBLES, NULL);
}

/* ---- Showing ---- */

static void put(MonTroubles *self, int *index, enum glyph glyph, const char *call, const char *about, const char *when)
{
    int row = (*index)++;
    gtk_widget_set_visible(self->rows[row].row, TRUE);
    mon_glyph_set(MON_GLYPH(self->rows[row].glyph), glyph);
    parts_set_text(self->rows[row].call, call);
    parts_set_text(self->rows[row].about, about);
    parts_set_text(self->rows[row].when, when);
    parts_set_tooltip(self->rows[row].call, call);
}

static char *slow_words(const struct model_function *function, double ratio, int64_t worker)
{
    return g_strdup_printf("%s" TEXT_BLANK "\xc3\x97 the median (%s), worker %" PRId64, text_ratio(ratio).text + 1,
                           text_duration(function->stats.run_p50_ns).text, worker);
}

/* Those that run now come first: something can still be done about them. */
static void show_running(MonTroubles *self, int *index, const struct view *view)
{
    for (size_t i = 0; i < view->pool->workers.count && *index < ROWS; i++) {
        const struct model_worker *worker = pool_worker_at(view->pool, i);
        double ratio;
        if (worker == NULL || worker->said.state != MPROC_WORKER_BUSY || worker->said.items > 1)
            continue;
        const struct model_function *function = pool_function_at(view->pool, worker->said.function);
        if (!function_is_slow(function, view->model->now_ns - worker->said.since_ns, &ratio))
            continue;
        g_autofree char *about = slow_words(function, ratio, worker->said.worker);
        put(self, index, GLYPH_SLOW, words_worker_call(view->pool, worker).text, about, "now");
    }
}

static bool is_trouble(const struct view *view, const struct model_task *task, enum glyph *ret_glyph, double *ret_ratio)
{
    enum task_state state = task_state(task);
    *ret_ratio = 0;
    *ret_glyph = state == TASK_LIMIT    ? GLYPH_TIMED_OUT
                 : state == TASK_DIED   ? GLYPH_DEAD
                 : state == TASK_FAILED ? GLYPH_FAILED
                                        : GLYPH_RETRIED;
    if (state == TASK_FAILED || state == TASK_DIED || state == TASK_LIMIT || state == TASK_RETRIED)
        return true;
    if (state != TASK_DONE)
        return false;
    *ret_glyph = task->attempt > 1 ? GLYPH_RETRIED : GLYPH_SLOW;
    return task->attempt > 1 || (task->items <= 1 && function_is_slow(pool_function_at(view->pool, task->function),
                                                                      task->run_ns, ret_ratio));
}

/* What follows "worker 2 (pid 4711) was " in the library's own sentence. */
static const char *without_worker(const char *error)
{
    const char *rest = g_str_has_prefix(error, "worker ") ? strstr(error, ") was ") : NULL;
    return rest != NULL ? rest + strlen(") was ") : error;
}

static char *about_task(const struct view *view, const struct model_task *task, double ratio)
{
    const char *error = task_text(task, TASK_ERROR);
    if (ratio > 0)
        return slow_words(pool_function_at(view->pool, task->function), ratio, task->worker);
    if (task_state(task) == TASK_DONE)
        return g_strdup_printf("Done on attempt %" PRIu32 ", worker %" PRId64, task->attempt, task->worker);
    return g_strdup_printf("%s, worker %" PRId64,
                           error[0] != '\0' ? without_worker(error) : words_task_state(task_state(task)), task->worker);
}

static void show_ended(MonTroubles *self, int *index, const struct view *view)
{
    uint32_t count = MIN(tasks_count(&view->model->tasks), LOOKED_AT);
    for (uint32_t i = 0; i < count && *index < ROWS; i++) {
        const struct model_task *task = tasks_at(&view->model->tasks, i);
        enum glyph glyph;
        double ratio;
        if (task->key.pool != view->pool->number || !is_trouble(view, task, &glyph, &ratio))
            continue;
        g_autofree char *about = about_task(view, task, ratio);
        put(self, index, glyph, words_task_call(view->model, task).text, about,
            says_ago(view->model->now_ns - task->ended_ns).text);
    }
}

void mon_troubles_show(MonTroubles *self, const struct view *view)
{
    int count = 0;
    show_running(self, &count, view);
    show_ended(self, &count, view);
    for (int i = count; i < ROWS; i++)
        gtk_widget_set_visible(self->rows[i].row, FALSE);
    gtk_widget_set_visible(self->none, count == 0);
    if (view->pool->counts.failed > 0 && view->watch->replay == NULL)
        parts_set_format(self->none, "%s failed before this window looked, or long ago.",
                         text_count(view->pool->counts.failed).text);
    else
        parts_set_text(self->none, "Nothing so far.");
}
