#include "window/task_foot.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"

struct _MonTaskFoot {
    GtkBox parent_instance;
    GtkWidget *words, *save;
};

G_DEFINE_TYPE(MonTaskFoot, mon_task_foot, GTK_TYPE_BOX)

static void on_save(GtkButton *button, MonTaskFoot *self)
{
    (void)button;
    g_signal_emit_by_name(self, "save");
}

static void mon_task_foot_class_init(MonTaskFootClass *class)
{
    (void)class;
    g_signal_new("save", MON_TYPE_TASK_FOOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_task_foot_init(MonTaskFoot *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_box_set_spacing(GTK_BOX(self), 12);
    gtk_widget_add_css_class(box, "foot");
    self->words = parts_add(box, parts_label("", "caption"));
    gtk_widget_set_hexpand(self->words, TRUE);
    self->save = parts_add(box, gtk_button_new_with_label("Save these rows\xe2\x80\xa6"));
    gtk_widget_add_css_class(self->save, "link");
    parts_set_tooltip(self->save, "Save the rows that are shown as a table (CSV)");
    g_signal_connect(self->save, "clicked", G_CALLBACK(on_save), self);
}

GtkWidget *mon_task_foot_new(void)
{
    return g_object_new(MON_TYPE_TASK_FOOT, NULL);
}

/* ---- In words ---- */

static void add_bound(GString *text, const struct model *model)
{
    const struct tasks *tasks = &model->tasks;
    if (tasks->first == 0)
        return;
    g_string_append_printf(text, DOT "the last %s%s are kept, %s older ones were dropped",
                           text_count(tasks_count(tasks)).text, words_of_all_pools(model),
                           text_count(tasks->first).text);
}

/* Of that time it is not known what tasks were called with, and when they were queued. */
static void add_gap(GString *text, const struct model *model)
{
    struct looks_span gap;
    if (!looks_gap(&model->looks, model->now_ns, &gap))
        return;
    if (model->looks.total == 0)
        g_string_append(text, DOT "inputs were not told, nobody looked while it ran");
    else
        g_string_append_printf(text, DOT "inputs were not told from %.8s to %.8s, nobody looked",
                               text_clock(model_wall_ns(model, gap.from_ns)).text,
                               text_clock(model_wall_ns(model, gap.to_ns)).text);
}

struct words task_foot_order(const struct view *view, int64_t stands_ns)
{
    return words_format("Sorted at %.8s, and not since. S sorts again.",
                        text_clock(model_wall_ns(view->model, stands_ns)).text);
}

char *task_foot_words(const struct view *view, guint rows, const struct task_counts *counts, int64_t stands_ns)
{
    GString *text = g_string_new(NULL);
    if (rows == counts->listed[TASKS_ALL])
        g_string_append(text, words_many(rows, "task").text);
    else
        g_string_append_printf(text, "%s of %s", text_count(rows).text,
                               words_many(counts->listed[TASKS_ALL], "task").text);
    if (stands_ns != 0)
        g_string_append_printf(text, ", sorted at %.8s (S sorts again)",
                               text_clock(model_wall_ns(view->model, stands_ns)).text);
    add_bound(text, view->model);
    task_counts_add_unlisted(counts, DOT, text);
    add_gap(text, view->model);
    return g_string_free(text, FALSE);
}

void mon_task_foot_show(MonTaskFoot *self, const struct view *view, guint rows, const struct task_counts *counts,
                        int64_t stands_ns, bool is_busy)
{
    g_autofree char *words =
        is_busy ? g_strdup("Looking through the tasks\xe2\x80\xa6") : task_foot_words(view, rows, counts, stands_ns);
    parts_set_text(self->words, words);
    parts_set_class(self->words, stands_ns != 0 && !is_busy ? "stands" : "");
    parts_set_tooltip(self->words, words);
    gtk_widget_set_sensitive(self->save, rows > 0);
}
