#include "window/task_bulk.h"

#include "model/text.h"
#include "window/grants.h"
#include "window/parts.h"

struct _MonTaskBulk {
    GtkBox parent_instance;
    GtkWidget *words, *retry, *cancel;
    GArray *failed, *open; /* uint64_t: tasks that the buttons are for */
};

G_DEFINE_TYPE(MonTaskBulk, mon_task_bulk, GTK_TYPE_BOX)

/* ---- Asking ---- */

static GVariant *target_of(const GArray *tasks)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, tasks->data, tasks->len, sizeof(uint64_t));
}

static void on_retry(GtkButton *button, MonTaskBulk *self)
{
    (void)button;
    gtk_widget_activate_action_variant(GTK_WIDGET(self), "win.retry-tasks", target_of(self->failed));
}

static void on_cancel(GtkButton *button, MonTaskBulk *self)
{
    (void)button;
    gtk_widget_activate_action_variant(GTK_WIDGET(self), "win.cancel-tasks", target_of(self->open));
}

char *mon_task_bulk_cancel(MonTaskBulk *self)
{
    if (self->open->len == 0)
        return NULL;
    g_autoptr(GVariant) target = g_variant_ref_sink(target_of(self->open));
    return g_action_print_detailed_name("win.cancel-tasks", target);
}

/* ---- The widget ---- */

static void mon_task_bulk_finalize(GObject *object)
{
    g_array_unref(MON_TASK_BULK(object)->failed);
    g_array_unref(MON_TASK_BULK(object)->open);
    G_OBJECT_CLASS(mon_task_bulk_parent_class)->finalize(object);
}

static void mon_task_bulk_class_init(MonTaskBulkClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_task_bulk_finalize;
}

static void mon_task_bulk_init(MonTaskBulk *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    self->failed = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    self->open = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    gtk_box_set_spacing(GTK_BOX(self), 8);
    gtk_widget_add_css_class(box, "foot");
    self->words = parts_add(box, parts_label("", "body"));
    gtk_widget_set_hexpand(self->words, TRUE);
    self->retry = parts_add(box, parts_button("", "tool", NULL));
    self->cancel = parts_add(box, parts_button("", "tool danger", NULL));
    g_signal_connect(self->retry, "clicked", G_CALLBACK(on_retry), self);
    g_signal_connect(self->cancel, "clicked", G_CALLBACK(on_cancel), self);
    gtk_widget_set_visible(box, FALSE);
}

GtkWidget *mon_task_bulk_new(void)
{
    return g_object_new(MON_TYPE_TASK_BULK, NULL);
}

/* ---- Showing ---- */

static void take(GArray **kept, GArray *tasks)
{
    g_array_unref(*kept);
    *kept = tasks;
}

static const char *why_not(const struct view *view, unsigned verb, const GArray *tasks, guint chosen)
{
    const char *refused = grants_why_not(view, verb);
    if (refused != NULL)
        return refused;
    if (chosen > TASK_PICKS_MAX)
        return "That can be asked of 1\xc2\xa0"
               "000 tasks at a time.";
    if (tasks->len > 0)
        return NULL;
    return verb == RECORD_VERB_RETRY_TASK ? "None of them has failed and can be tried again."
                                          : "None of them waits or runs.";
}

/* Of too many it is not known how many of them can be asked for. */
static void show_button(GtkWidget *button, const char *verb, const GArray *tasks, guint chosen, const char *refused)
{
    GtkWidget *label = gtk_button_get_child(GTK_BUTTON(button));
    if (chosen > TASK_PICKS_MAX)
        parts_set_format(label, "%s\xe2\x80\xa6", verb);
    else
        parts_set_format(label, "%s %s\xe2\x80\xa6", verb, text_count(tasks->len).text);
    gtk_widget_set_sensitive(button, refused == NULL);
    parts_set_tooltip(button, refused);
}

void mon_task_bulk_show(MonTaskBulk *self, const struct view *view, const struct task_scene *scene,
                        const struct task_picks *picks)
{
    gtk_widget_set_visible(GTK_WIDGET(self), picks->count > 1);
    if (picks->count <= 1)
        return;
    take(&self->failed, task_picks_failed(picks, view->model, scene));
    take(&self->open, task_picks_open(picks, view->model, scene));
    parts_set_format(self->words, "%s tasks are chosen", text_count(picks->count).text);
    show_button(self->retry, "Retry", self->failed, picks->count,
                why_not(view, RECORD_VERB_RETRY_TASK, self->failed, picks->count));
    show_button(self->cancel, "Cancel", self->open, picks->count,
                why_not(view, RECORD_VERB_CANCEL_TASK, self->open, picks->count));
}
