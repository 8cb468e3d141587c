#include "window/map.h"

#include "window/glyph.h"
#include <math.h>

#define HEIGHT 32

struct _MonMap {
    GtkWidget parent_instance;
    const struct replay *replay;
    bool was_known, is_of_marks;
};

G_DEFINE_TYPE(MonMap, mon_map, GTK_TYPE_WIDGET)

/* ---- What is drawn ---- */

static double highest(const double *rates, size_t count)
{
    double top = 1e-9;
    for (size_t i = 0; i < count; i++)
        top = MAX(top, rates[i]);
    return top;
}

static void trace(cairo_t *cairo, const double *rates, size_t count, double width, double height)
{
    double top = highest(rates, count);
    for (size_t i = 0; i < count; i++) {
        double y = height - 4 - rates[i] / top * (height - 14);
        cairo_line_to(cairo, width * (double)i / (double)count, y);
        cairo_line_to(cairo, width * (double)(i + 1) / (double)count, y);
    }
}

static void fill_below(cairo_t *cairo, double width, double height, const GdkRGBA *color, float fill)
{
    cairo_path_t *line = cairo_copy_path(cairo);
    cairo_line_to(cairo, width, height);
    cairo_line_to(cairo, 0, height);
    cairo_close_path(cairo);
    cairo_set_source_rgba(cairo, color->red, color->green, color->blue, fill);
    cairo_fill(cairo);
    cairo_append_path(cairo, line);
    cairo_path_destroy(line);
}

void map_draw_work(cairo_t *cairo, const double *rates, size_t count, double width, double height, const GdkRGBA *color,
                   float fill)
{
    if (count == 0)
        return;
    trace(cairo, rates, count, width, height);
    if (fill > 0)
        fill_below(cairo, width, height, color, fill);
    gdk_cairo_set_source_rgba(cairo, color);
    cairo_set_line_width(cairo, 1);
    cairo_stroke(cairo);
}

void map_draw_loss(cairo_t *cairo, double x, double height)
{
    GdkRGBA color = palette_color(PALETTE_line2);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, 1);
    for (int y = -6; y < height; y += 4) {
        cairo_move_to(cairo, x - 3, y + 6);
        cairo_line_to(cairo, x + 3, y);
    }
    cairo_stroke(cairo);
}

void map_draw_death(cairo_t *cairo, double x, double height, double *shape_x)
{
    GdkRGBA color = palette_color(PALETTE_bad);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, 1);
    cairo_move_to(cairo, x, GLYPH_SIZE);
    cairo_line_to(cairo, x, height);
    cairo_stroke(cairo);
    if (fabs(x - *shape_x) < GLYPH_SIZE)
        return;
    *shape_x = x;
    cairo_save(cairo);
    cairo_translate(cairo, x - GLYPH_SIZE / 2.0, 0);
    glyph_draw(cairo, GLYPH_DEAD, &color);
    cairo_restore(cairo);
}

static void draw_work(cairo_t *cairo, const struct replay_part *parts, double width)
{
    GdkRGBA color = palette_color(PALETTE_dim);
    double rates[REPLAY_PARTS];
    for (int i = 0; i < REPLAY_PARTS; i++)
        rates[i] = (double)parts[i].done;
    map_draw_work(cairo, rates, REPLAY_PARTS, width, HEIGHT, &color, 0);
}

static void draw_marks(cairo_t *cairo, const struct replay_part *parts, double width)
{
    double shape_x = MAP_NO_SHAPE;
    for (int i = 0; i < REPLAY_PARTS; i++)
        if (parts[i].lost > 0)
            map_draw_loss(cairo, width * (i + 0.5) / REPLAY_PARTS, HEIGHT);
    for (int i = 0; i < REPLAY_PARTS; i++)
        if (parts[i].death)
            map_draw_death(cairo, width * (i + 0.5) / REPLAY_PARTS, HEIGHT, &shape_x);
}

/* ---- The widget ---- */

static void mon_map_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonMap *self = MON_MAP(widget);
    double width = gtk_widget_get_width(widget);
    GdkRGBA ground = palette_color(PALETTE_raised);
    graphene_rect_t area = GRAPHENE_RECT_INIT(0, 0, (float)width, HEIGHT);
    if (!self->is_of_marks)
        gtk_snapshot_append_color(snapshot, &ground, &area);
    if (self->replay == NULL || !replay_is_known(self->replay))
        return;
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    if (self->is_of_marks)
        draw_marks(cairo, replay_parts(self->replay), width);
    else
        draw_work(cairo, replay_parts(self->replay), width);
    cairo_destroy(cairo);
}

static void mon_map_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)for_size;
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 100 : HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_map_class_init(MonMapClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_map_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_map_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void mon_map_init(MonMap *self)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "The whole recording: tasks per second, deaths, lost events", -1);
}

GtkWidget *mon_map_new(void)
{
    return g_object_new(MON_TYPE_MAP, NULL);
}

GtkWidget *mon_map_new_marks(void)
{
    MonMap *self =
        g_object_new(MON_TYPE_MAP, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, "can-target", FALSE, NULL);
    self->is_of_marks = true;
    return GTK_WIDGET(self);
}

void mon_map_show(MonMap *self, const struct replay *replay)
{
    bool is_known = replay != NULL && replay_is_known(replay);
    if (self->replay == replay && self->was_known == is_known)
        return;
    self->replay = replay;
    self->was_known = is_known;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
