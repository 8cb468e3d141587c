#include "window/log_detail.h"

#include "model/text.h"
#include "window/pane.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/worker_rows.h"

/* The table keeps its room: of what is longer the rest is scrolled to. */
#define HEIGHT_MAX 120

struct _MonLogDetail {
    GtkBox parent_instance;
    GtkWidget *head, *certificate, *task, *worker, *scroller, *message;
};

G_DEFINE_TYPE(MonLogDetail, mon_log_detail, GTK_TYPE_BOX)

/* ---- Ways from it ---- */

static void lead(GtkWidget *button, bool is_known, GVariant *target)
{
    gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), target);
    gtk_widget_set_visible(button, is_known);
}

/* Only to what is known still. The row of one that lives has no pid. */
static void show_ways(MonLogDetail *self, const struct view *view, const struct log_row *row)
{
    const struct log_links *links = &row->links;
    uint32_t worker = row->worker >= 0 ? (uint32_t)row->worker : 0;
    const struct worker_row dead = { worker, links->pid, links->lives }, living = { .worker = worker };
    lead(self->certificate, links->pid != 0 && worker_row_look(view, &dead).death != NULL,
         g_variant_new("(uxt)", worker, links->pid, links->lives));
    lead(self->task, links->task.task != 0 && tasks_find(&view->model->tasks, &links->task) != NULL,
         g_variant_new("(tx)", links->task.task, links->task.item));
    lead(self->worker, row->worker >= 0 && worker_row_look(view, &living).worker != NULL,
         g_variant_new("(uxt)", worker, living.pid, living.lives));
}

void mon_log_detail_show(MonLogDetail *self, const struct view *view, const struct log_row *row)
{
    gtk_widget_set_visible(GTK_WIDGET(self), row != NULL);
    if (row == NULL)
        return;
    parts_set_format(self->head, "%s" DOT "%s", text_clock(model_wall_ns(view->model, row->time_ns)).text, row->from);
    show_ways(self, view, row);
    if (strcmp(gtk_label_get_text(GTK_LABEL(self->message)), row->message) == 0)
        return;
    gtk_label_set_text(GTK_LABEL(self->message), row->message);
    gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(self->scroller)), 0);
}

/* ---- What it is made of ---- */

static GtkWidget *new_way(const char *text, const char *action, GVariant *target)
{
    GtkWidget *button = parts_button(text, "tool", NULL);
    gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), target);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    return button;
}

static void add_head(MonLogDetail *self)
{
    GtkWidget *line = pane_make_strip(GTK_WIDGET(self));
    self->head = parts_add(line, parts_label("", "section"));
    gtk_widget_set_hexpand(self->head, TRUE);
    self->certificate = parts_add(
        line, new_way("Show certificate", "win.show-certificate", g_variant_new("(uxt)", 0, INT64_C(0), UINT64_C(0))));
    self->task =
        parts_add(line, new_way("Show task", "win.show-task", g_variant_new("(tx)", UINT64_C(0), INT64_C(-1))));
    self->worker = parts_add(
        line, new_way("Show worker", "win.show-certificate", g_variant_new("(uxt)", 0, INT64_C(0), UINT64_C(0))));
}

static GtkWidget *new_message(MonLogDetail *self)
{
    self->message = parts_paragraph("", "body");
    gtk_label_set_selectable(GTK_LABEL(self->message), TRUE);
    gtk_widget_set_valign(self->message, GTK_ALIGN_START); /* a scrolled window is never as low as one line */
    self->scroller = gtk_scrolled_window_new();
    GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW(self->scroller);
    gtk_scrolled_window_set_policy(scroller, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(scroller, TRUE);
    gtk_scrolled_window_set_max_content_height(scroller, HEIGHT_MAX);
    gtk_scrolled_window_set_child(scroller, self->message);
    parts_set_labelled_by(self->message, self->head);
    return self->scroller;
}

static void mon_log_detail_class_init(MonLogDetailClass *class)
{
    (void)class;
    g_signal_new("closed", MON_TYPE_LOG_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_log_detail_init(MonLogDetail *self)
{
    add_head(self);
    parts_add(GTK_WIDGET(self), new_message(self));
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

GtkWidget *mon_log_detail_new(void)
{
    return g_object_new(MON_TYPE_LOG_DETAIL, NULL);
}
