#include "window/log_detail.h"

#include "window/parts.h"

/* The table keeps its room: of what is longer the rest is scrolled to. */
#define HEIGHT_MAX 120

struct _MonLogDetail {
    GtkBox parent_instance;
    GtkWidget *head, *scroller, *message;
};

G_DEFINE_TYPE(MonLogDetail, mon_log_detail, GTK_TYPE_BOX)

void mon_log_detail_show(MonLogDetail *self, const char *head, const char *message)
{
    gtk_widget_set_visible(GTK_WIDGET(self), message != NULL);
    if (message == NULL)
        return;
    parts_set_text(self->head, head);
    if (strcmp(gtk_label_get_text(GTK_LABEL(self->message)), message) == 0)
        return;
    gtk_label_set_text(GTK_LABEL(self->message), message);
    gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(self->scroller)), 0);
}

/* ---- What it is made of ---- */

static void on_close(GtkButton *button, MonLogDetail *self)
{
    (void)button;
    g_signal_emit_by_name(self, "closed");
}

static GtkWidget *new_head(MonLogDetail *self)
{
    GtkWidget *row = parts_row(12), *close = parts_icon_button("window-close-symbolic", NULL, "mini", NULL);
    self->head = parts_add(row, parts_label("", "section"));
    gtk_widget_set_hexpand(self->head, TRUE);
    parts_add(row, close);
    g_signal_connect(close, "clicked", G_CALLBACK(on_close), self);
    parts_set_tooltip(close, "Close (Esc)");
    parts_set_accessible_label(close, "Close");
    return row;
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
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_widget_add_css_class(GTK_WIDGET(self), "causes");
    parts_add(GTK_WIDGET(self), new_head(self));
    parts_add(GTK_WIDGET(self), new_message(self));
    gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

GtkWidget *mon_log_detail_new(void)
{
    return g_object_new(MON_TYPE_LOG_DETAIL, NULL);
}
