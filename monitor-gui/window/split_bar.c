#include "window/split_bar.h"

#include "window/canvas.h"

#define HEIGHT 12
#define KEY    10

/* A bar of all parts, or a key: a bar that is one part alone. */
struct _MonSplitBar {
    GtkWidget parent_instance;
    double parts[SPLIT_PARTS];
    bool is_key;
};

G_DEFINE_TYPE(MonSplitBar, mon_split_bar, GTK_TYPE_WIDGET)

static void draw_part(GtkWidget *widget, GtkSnapshot *snapshot, int part, double x, double width, double height)
{
    static const float alphas[SPLIT_PARTS] = { 0.55f, 0.45f, 1, 0.2f };
    GdkRGBA color = part == SPLIT_WAITS ? palette_color(PALETTE_dim) : palette_color_in(widget, PALETTE_accent);
    GdkRGBA full = color;
    color.alpha = alphas[part];
    canvas_box(snapshot, x, 0, width, height, &color);
    if (part == SPLIT_BACK)
        canvas_hatch(snapshot, x, 0, width, height, &full);
}

static void mon_split_bar_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonSplitBar *self = MON_SPLIT_BAR(widget);
    double x = 0, width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    for (int i = 0; i < SPLIT_PARTS; i++) {
        double wide = self->parts[i] * width;
        if (wide > 0)
            draw_part(widget, snapshot, i, x, MAX(wide - 1, 1), height);
        x += wide;
    }
}

static void mon_split_bar_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                                  int *natural, int *minimum_baseline, int *natural_baseline)
{
    (void)for_size;
    bool is_wide = orientation == GTK_ORIENTATION_HORIZONTAL && !MON_SPLIT_BAR(widget)->is_key;
    *minimum = *natural = is_wide ? 80 : MON_SPLIT_BAR(widget)->is_key ? KEY : HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_split_bar_class_init(MonSplitBarClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_split_bar_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_split_bar_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void mon_split_bar_init(MonSplitBar *self)
{
    (void)self;
}

GtkWidget *mon_split_bar_new(void)
{
    return g_object_new(MON_TYPE_SPLIT_BAR, NULL);
}

GtkWidget *mon_split_key_new(int part)
{
    MonSplitBar *self = g_object_new(MON_TYPE_SPLIT_BAR, NULL);
    self->is_key = true;
    self->parts[part] = 1;
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
    return GTK_WIDGET(self);
}

void mon_split_bar_show(MonSplitBar *self, const double parts[SPLIT_PARTS])
{
    if (memcmp(self->parts, parts, sizeof self->parts) == 0)
        return;
    memcpy(self->parts, parts, sizeof self->parts);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
