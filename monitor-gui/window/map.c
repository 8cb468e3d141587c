#include "window/map.h"

#include "window/glyph.h"

#define HEIGHT 32

struct _MonMap {
    GtkWidget parent_instance;
    const struct replay *replay;
    bool was_known;
};

G_DEFINE_TYPE(MonMap, mon_map, GTK_TYPE_WIDGET)

static double highest(const struct replay_part *parts)
{
    uint64_t top = 1;
    for (int i = 0; i < REPLAY_PARTS; i++)
        top = MAX(top, parts[i].done);
    return (double)top;
}

static void trace(cairo_t *cairo, const struct replay_part *parts, double width)
{
    double top = highest(parts);
    for (int i = 0; i < REPLAY_PARTS; i++) {
        double y = HEIGHT - 4 - (double)parts[i].done / top * (HEIGHT - 14);
        cairo_line_to(cairo, width * i / REPLAY_PARTS, y);
        cairo_line_to(cairo, width * (i + 1) / REPLAY_PARTS, y);
    }
}

static void draw_work(cairo_t *cairo, const struct replay_part *parts, double width)
{
    GdkRGBA color = palette_color(PALETTE_dim);
    trace(cairo, parts, width);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, 1);
    cairo_stroke(cairo);
}

static void draw_loss(cairo_t *cairo, double x)
{
    GdkRGBA color = palette_color(PALETTE_line2);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, 1);
    for (int y = -6; y < HEIGHT; y += 4) {
        cairo_move_to(cairo, x - 3, y + 6);
        cairo_line_to(cairo, x + 3, y);
    }
    cairo_stroke(cairo);
}

static void draw_death(cairo_t *cairo, double x)
{
    GdkRGBA color = palette_color(PALETTE_bad);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, 1);
    cairo_move_to(cairo, x, GLYPH_SIZE);
    cairo_line_to(cairo, x, HEIGHT);
    cairo_stroke(cairo);
    cairo_save(cairo);
    cairo_translate(cairo, x - GLYPH_SIZE / 2.0, 0);
    glyph_draw(cairo, GLYPH_DEAD, &color);
    cairo_restore(cairo);
}

static void mon_map_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonMap *self = MON_MAP(widget);
    double width = gtk_widget_get_width(widget);
    GdkRGBA ground = palette_color(PALETTE_raised);
    graphene_rect_t area = GRAPHENE_RECT_INIT(0, 0, (float)width, HEIGHT);
    gtk_snapshot_append_color(snapshot, &ground, &area);
    if (self->replay == NULL || !replay_is_known(self->replay))
        return;
    const struct replay_part *parts = replay_parts(self->replay);
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    draw_work(cairo, parts, width);
    for (int i = 0; i < REPLAY_PARTS; i++)
        if (parts[i].lost > 0)
            draw_loss(cairo, width * (i + 0.5) / REPLAY_PARTS);
    for (int i = 0; i < REPLAY_PARTS; i++)
        if (parts[i].death)
            draw_death(cairo, width * (i + 0.5) / REPLAY_PARTS);
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

void mon_map_show(MonMap *self, const struct replay *replay)
{
    bool is_known = replay != NULL && replay_is_known(replay);
    if (self->replay == replay && self->was_known == is_known)
        return;
    self->replay = replay;
    self->was_known = is_known;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
