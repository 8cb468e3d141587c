#include "window/bar.h"

#define BAR_WIDTH  44
#define BAR_HEIGHT 6

struct _MonBar {
    GtkWidget parent_instance;
    int width, height;
    double part;
    enum palette_color color;
};

G_DEFINE_TYPE(MonBar, mon_bar, GTK_TYPE_WIDGET)

static void mon_bar_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonBar *self = MON_BAR(widget);
    if (self->part < 0)
        return;
    double part = self->part > 0 ? CLAMP(self->part, 0.02, 1) : 0, width = gtk_widget_get_width(widget);
    GdkRGBA trough = palette_color(PALETTE_raised), fill = palette_color_in(widget, self->color);
    gtk_snapshot_append_color(snapshot, &trough, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)self->height));
    gtk_snapshot_append_color(snapshot, &fill, &GRAPHENE_RECT_INIT(0, 0, (float)(width * part), (float)self->height));
}

static void mon_bar_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
    (void)for_size;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MON_BAR(widget)->width : MON_BAR(widget)->height;
    *minimum = MIN(*natural, BAR_WIDTH);
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_bar_class_init(MonBarClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_bar_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_bar_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void mon_bar_init(MonBar *self)
{
    self->part = -1;
    self->width = BAR_WIDTH;
    self->height = BAR_HEIGHT;
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
}

GtkWidget *mon_bar_new(void)
{
    return g_object_new(MON_TYPE_BAR, NULL);
}

void mon_bar_set_size(MonBar *self, int width, int height)
{
    self->width = width;
    self->height = height;
    gtk_widget_queue_resize(GTK_WIDGET(self));
}

void mon_bar_set(MonBar *self, double part, enum palette_color color)
{
    if (self->part == part && self->color == color)
        return;
    self->part = part;
    self->color = color;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
