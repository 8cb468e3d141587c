#include "window/glyph.h"

#include <math.h>

struct _MonGlyph {
    GtkWidget parent_instance;
    enum glyph glyph;
    enum palette_color color;
    bool is_alone;
};

G_DEFINE_TYPE(MonGlyph, mon_glyph, GTK_TYPE_WIDGET)

/* ---- Shapes ---- */

static void draw_triangle(cairo_t *cairo)
{
    cairo_move_to(cairo, 3, 2.5);
    cairo_line_to(cairo, 12, 7);
    cairo_line_to(cairo, 3, 11.5);
    cairo_close_path(cairo);
}

static void draw_running(cairo_t *cairo)
{
    draw_triangle(cairo);
    cairo_fill(cairo);
}

static void draw_slow(cairo_t *cairo)
{
    draw_triangle(cairo);
    cairo_stroke(cairo);
}

static void draw_idle(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7, 4.3, 0, 2 * G_PI);
    cairo_stroke(cairo);
}

static void draw_starting(cairo_t *cairo)
{
    draw_idle(cairo);
    cairo_arc(cairo, 7, 7, 4.3, -G_PI / 2, G_PI / 2);
    cairo_fill(cairo);
}

/* Where a ring could be. */
static void draw_absent(cairo_t *cairo)
{
    for (int i = 0; i < 4; i++) {
        double middle = i * G_PI / 2 + G_PI / 4;
        cairo_new_sub_path(cairo);
        cairo_arc(cairo, 7, 7, 4.3, middle - 0.4, middle + 0.4);
    }
    cairo_stroke(cairo);
}

static void draw_paused(cairo_t *cairo)
{
    cairo_rectangle(cairo, 3, 3, 3, 8);
    cairo_rectangle(cairo, 8, 3, 3, 8);
    cairo_fill(cairo);
}

static void draw_waiting(cairo_t *cairo)
{
    cairo_move_to(cairo, 3, 2);
    cairo_line_to(cairo, 11, 2);
    cairo_line_to(cairo, 7, 7);
    cairo_line_to(cairo, 11, 12);
    cairo_line_to(cairo, 3, 12);
    cairo_line_to(cairo, 7, 7);
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

static void draw_done(cairo_t *cairo)
{
    cairo_move_to(cairo, 2.5, 7.5);
    cairo_line_to(cairo, 5.7, 10.7);
    cairo_line_to(cairo, 11.5, 3.7);
    cairo_stroke(cairo);
}

static void draw_queued(cairo_t *cairo)
{
    for (int i = 0; i < 3; i++) {
        cairo_arc(cairo, 2.8 + 4.2 * i, 7, 1.2, 0, 2 * G_PI);
        cairo_fill(cairo);
    }
}

static void draw_retried(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7.4, 4, -G_PI / 4, 1.35 * G_PI);
    cairo_stroke(cairo);
    cairo_move_to(cairo, 6.8, 0.9);
    cairo_line_to(cairo, 11.2, 3.2);
    cairo_line_to(cairo, 7.2, 6.2);
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

static void draw_cancelled(cairo_t *cairo)
{
    draw_idle(cairo);
    cairo_move_to(cairo, 4, 10);
    cairo_line_to(cairo, 10, 4);
    cairo_stroke(cairo);
}

static void draw_cross(cairo_t *cairo, double from, double to)
{
    cairo_move_to(cairo, from, from);
    cairo_line_to(cairo, to, to);
    cairo_move_to(cairo, to, from);
    cairo_line_to(cairo, from, to);
    cairo_stroke(cairo);
}

static void draw_failed(cairo_t *cairo)
{
    cairo_set_line_width(cairo, 1.9);
    draw_cross(cairo, 3, 11);
}

static void draw_timed_out(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7, 4.9, 0, 2 * G_PI);
    cairo_stroke(cairo);
    cairo_move_to(cairo, 7, 4);
    cairo_line_to(cairo, 7, 7.2);
    cairo_line_to(cairo, 9.4, 7.2);
    cairo_stroke(cairo);
}

static void draw_dead(cairo_t *cairo)
{
    cairo_push_group(cairo);
    cairo_rectangle(cairo, 1, 1, 12, 12);
    cairo_fill(cairo);
    cairo_set_operator(cairo, CAIRO_OPERATOR_CLEAR);
    draw_cross(cairo, 4, 10);
    cairo_pop_group_to_source(cairo);
    cairo_paint(cairo);
}

static void draw_deadlock(cairo_t *cairo)
{
    cairo_arc(cairo, 4.6, 7, 3.2, 0, 2 * G_PI);
    cairo_stroke(cairo);
    cairo_arc(cairo, 9.4, 7, 3.2, 0, 2 * G_PI);
    cairo_stroke(cairo);
}

static void draw_broken(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7, 4.6, 1.12 * G_PI, 1.88 * G_PI);
    cairo_stroke(cairo);
    cairo_arc(cairo, 7, 7, 4.6, 0.12 * G_PI, 0.88 * G_PI);
    cairo_stroke(cairo);
    cairo_move_to(cairo, 1, 7);
    cairo_line_to(cairo, 13, 7);
    cairo_stroke(cairo);
}

static void draw_live(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7, 4.2, 0, 2 * G_PI);
    cairo_fill(cairo);
}

static void draw_recording(cairo_t *cairo)
{
    cairo_arc(cairo, 3.9, 6.6, 2.4, 0, 2 * G_PI);
    cairo_stroke(cairo);
    cairo_arc(cairo, 10.1, 6.6, 2.4, 0, 2 * G_PI);
    cairo_stroke(cairo);
    cairo_move_to(cairo, 3.9, 9);
    cairo_line_to(cairo, 10.1, 9);
    cairo_stroke(cairo);
}

static void draw_dot(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7, 2.4, 0, 2 * G_PI);
    cairo_fill(cairo);
}

static void draw_warning(cairo_t *cairo)
{
    cairo_push_group(cairo);
    cairo_move_to(cairo, 7, 1.6);
    cairo_line_to(cairo, 12.8, 12);
    cairo_line_to(cairo, 1.2, 12);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    cairo_set_operator(cairo, CAIRO_OPERATOR_CLEAR);
    cairo_rectangle(cairo, 6.3, 5, 1.4, 3.6);
    cairo_rectangle(cairo, 6.3, 9.5, 1.4, 1.4);
    cairo_fill(cairo);
    cairo_pop_group_to_source(cairo);
    cairo_paint(cairo);
}

static void draw_sidebar(cairo_t *cairo)
{
    cairo_rectangle(cairo, 1, 2, 12, 10);
    cairo_stroke(cairo);
    cairo_rectangle(cairo, 1, 2, 4, 10);
    cairo_fill(cairo);
}

/* As paused, and larger: it stands beside the disc that records. */
static void draw_freeze(cairo_t *cairo)
{
    cairo_rectangle(cairo, 1.5, 1, 4, 12);
    cairo_rectangle(cairo, 8.5, 1, 4, 12);
    cairo_fill(cairo);
}

static void draw_record(cairo_t *cairo)
{
    cairo_arc(cairo, 7, 7, 6.5, 0, 2 * G_PI);
    cairo_fill(cairo);
}

static const struct {
    void (*draw)(cairo_t *cairo);
    enum palette_color color;
    const char *name;
} shapes[GLYPH_COUNT] = {
    [GLYPH_RUNNING] = { draw_running, PALETTE_accent, "running" },
    [GLYPH_SLOW] = { draw_slow, PALETTE_warn, "slow" },
    [GLYPH_IDLE] = { draw_idle, PALETTE_dim, "idle" },
    [GLYPH_STARTING] = { draw_starting, PALETTE_dim, "starting" },
    [GLYPH_ABSENT] = { draw_absent, PALETTE_dim, "absent" },
    [GLYPH_PAUSED] = { draw_paused, PALETTE_warn, "paused" },
    [GLYPH_WAITING] = { draw_waiting, PALETTE_warn, "waiting" },
    [GLYPH_DONE] = { draw_done, PALETTE_good, "done" },
    [GLYPH_QUEUED] = { draw_queued, PALETTE_dim, "queued" },
    [GLYPH_RETRIED] = { draw_retried, PALETTE_warn, "tried again" },
    [GLYPH_CANCELLED] = { draw_cancelled, PALETTE_dim, "cancelled" },
    [GLYPH_FAILED] = { draw_failed, PALETTE_bad, "failed" },
    [GLYPH_TIMED_OUT] = { draw_timed_out, PALETTE_bad, "timed out" },
    [GLYPH_DEAD] = { draw_dead, PALETTE_bad, "died" },
    [GLYPH_DEADLOCK] = { draw_deadlock, PALETTE_bad, "deadlock" },
    [GLYPH_BROKEN] = { draw_broken, PALETTE_bad, "lost" },
    [GLYPH_LIVE] = { draw_live, PALETTE_accent, "live" },
    [GLYPH_RECORDING] = { draw_recording, PALETTE_dim, "recording" },
    [GLYPH_DOT] = { draw_dot, PALETTE_dim, "" },
    [GLYPH_WARNING] = { draw_warning, PALETTE_warn, "warning" },
    [GLYPH_SIDEBAR] = { draw_sidebar, PALETTE_text, "" },
    [GLYPH_RECORD] = { draw_record, PALETTE_text, "" },
    [GLYPH_FREEZE] = { draw_freeze, PALETTE_text, "" },
};

enum palette_color glyph_color(enum glyph glyph)
{
    return shapes[glyph].color;
}

const char *glyph_name(enum glyph glyph)
{
    return shapes[glyph].name != NULL ? shapes[glyph].name : "";
}

void glyph_draw(cairo_t *cairo, enum glyph glyph, const GdkRGBA *color)
{
    if (shapes[glyph].draw == NULL)
        return;
    gdk_cairo_set_source_rgba(cairo, color);
    cairo_set_line_width(cairo, 1.5);
    shapes[glyph].draw(cairo);
}

/* ---- The widget ---- */

static void mon_glyph_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonGlyph *self = MON_GLYPH(widget);
    graphene_rect_t area = GRAPHENE_RECT_INIT(0, 0, GLYPH_SIZE, GLYPH_SIZE);
    GdkRGBA color = palette_color_in(widget, self->color);
    if (self->glyph == GLYPH_NONE)
        return;
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    glyph_draw(cairo, self->glyph, &color);
    cairo_destroy(cairo);
}

static void mon_glyph_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)orientation, (void)for_size;
    *minimum = *natural = GLYPH_SIZE;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_glyph_class_init(MonGlyphClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_glyph_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_glyph_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void mon_glyph_init(MonGlyph *self)
{
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
    gtk_widget_set_halign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
}

GtkWidget *mon_glyph_new(enum glyph glyph)
{
    MonGlyph *self = g_object_new(MON_TYPE_GLYPH, NULL);
    mon_glyph_set(self, glyph);
    return GTK_WIDGET(self);
}

GtkWidget *mon_glyph_new_alone(void)
{
    MonGlyph *self = g_object_new(MON_TYPE_GLYPH, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
    self->is_alone = true;
    return GTK_WIDGET(self);
}

void mon_glyph_set(MonGlyph *self, enum glyph glyph)
{
    if (self->glyph == glyph)
        return;
    self->glyph = glyph;
    self->color = glyph_color(glyph);
    if (self->is_alone)
        gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, glyph_name(glyph), -1);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void mon_glyph_set_color(MonGlyph *self, enum palette_color color)
{
    if (self->color == color)
        return;
    self->color = color;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
