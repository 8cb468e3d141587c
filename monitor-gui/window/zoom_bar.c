#include "window/zoom_bar.h"

#include "window/parts.h"

/* What has room for what is shown of most runs, so that nothing moves. */
#define SHOWN_CHARS        14
#define SHOWN_CHARS_NARROW 10

struct _MonZoomBar {
    GtkBox parent_instance;
    struct zoom_listener listener;
    GtkWidget *shown, *scale, *follow;
    bool is_showing;
};

G_DEFINE_TYPE(MonZoomBar, mon_zoom_bar, GTK_TYPE_BOX)

static void on_out(GtkButton *button, MonZoomBar *self)
{
    (void)button;
    self->listener.zoomed(self->listener.user, ZOOM_BAR_STEP);
}

static void on_in(GtkButton *button, MonZoomBar *self)
{
    (void)button;
    self->listener.zoomed(self->listener.user, 1 / ZOOM_BAR_STEP);
}

static void on_moved(GtkRange *range, MonZoomBar *self)
{
    if (!self->is_showing)
        self->listener.set(self->listener.user, gtk_range_get_value(range));
}

static void on_fit(GtkButton *button, MonZoomBar *self)
{
    (void)button;
    self->listener.fitted(self->listener.user);
}

static void on_follow(GtkToggleButton *button, MonZoomBar *self)
{
    if (!self->is_showing)
        self->listener.followed(self->listener.user, gtk_toggle_button_get_active(button));
}

static void mon_zoom_bar_class_init(MonZoomBarClass *class)
{
    (void)class;
}

static void add_button(MonZoomBar *self, const char *icon, const char *tip, GCallback clicked)
{
    GtkWidget *button = parts_add(GTK_WIDGET(self), parts_icon_button(icon, NULL, "tool", NULL));
    parts_set_tooltip(button, tip);
    parts_set_accessible_label(button, tip);
    g_signal_connect(button, "clicked", clicked, self);
}

static void add_scale(MonZoomBar *self)
{
    self->scale = parts_add(GTK_WIDGET(self), gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.02));
    gtk_scale_set_draw_value(GTK_SCALE(self->scale), FALSE);
    gtk_widget_add_css_class(self->scale, "zoom");
    gtk_widget_set_size_request(self->scale, 120, -1);
    gtk_widget_set_valign(self->scale, GTK_ALIGN_CENTER);
    parts_set_accessible_label(self->scale, "Zoom");
    g_signal_connect(self->scale, "value-changed", G_CALLBACK(on_moved), self);
}

static void mon_zoom_bar_init(MonZoomBar *self)
{
    GtkWidget *box = GTK_WIDGET(self), *fit;
    gtk_box_set_spacing(GTK_BOX(self), 12);
    self->shown = parts_add(box, parts_short_label("", "body dim"));
    gtk_label_set_xalign(GTK_LABEL(self->shown), 1);
    gtk_label_set_width_chars(GTK_LABEL(self->shown), SHOWN_CHARS);
    add_button(self, "list-remove-symbolic", "Zoom out (Ctrl+minus)", G_CALLBACK(on_out));
    add_scale(self);
    add_button(self, "list-add-symbolic", "Zoom in (Ctrl+plus)", G_CALLBACK(on_in));
    fit = parts_add(box, parts_button("Fit", "tool", NULL));
    parts_set_tooltip(fit, "Show everything (Ctrl+0)");
    g_signal_connect(fit, "clicked", G_CALLBACK(on_fit), self);
    self->follow = parts_add(box, gtk_toggle_button_new_with_label("Follow"));
    gtk_widget_add_css_class(self->follow, "tool");
    gtk_widget_set_valign(self->follow, GTK_ALIGN_CENTER);
    parts_set_tooltip(self->follow, "Stay at the end (End)");
    g_signal_connect(self->follow, "toggled", G_CALLBACK(on_follow), self);
}

GtkWidget *mon_zoom_bar_new(const struct zoom_listener *listener)
{
    MonZoomBar *self = g_object_new(MON_TYPE_ZOOM_BAR, NULL);
    self->listener = *listener;
    return GTK_WIDGET(self);
}

void mon_zoom_bar_show(MonZoomBar *self, struct lane_span span, struct lane_span bounds, bool follows, bool is_narrow)
{
    self->is_showing = true;
    parts_set_format(self->shown, "%s shown", text_duration(lane_span_length(span)).text);
    gtk_range_set_value(GTK_RANGE(self->scale), lane_span_zoom_of(span, bounds));
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->follow), follows);
    gtk_widget_set_visible(self->scale, !is_narrow);
    gtk_label_set_width_chars(GTK_LABEL(self->shown), is_narrow ? SHOWN_CHARS_NARROW : SHOWN_CHARS);
    gtk_box_set_spacing(GTK_BOX(self), is_narrow ? 6 : 12);
    self->is_showing = false;
}
