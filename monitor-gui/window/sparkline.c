#include "window/sparkline.h"

#include "window/palette.h"

#define WIDTH   42
#define HEIGHT  12
#define SECONDS 40
/* Of less there is nothing to be seen but its ground. */
#define LEAST 4

struct _MonSparkline {
    GtkWidget parent_instance;
    double rates[SECONDS]; /* oldest first */
    int count;
    bool is_live;
};

G_DEFINE_TYPE(MonSparkline, mon_sparkline, GTK_TYPE_WIDGET)

static double highest(const MonSparkline *self)
{
    double top = 0;
    for (int i = 0; i < self->count; i++)
        top = MAX(top, self->rates[i]);
    return top;
}

static void trace(cairo_t *cairo, const MonSparkline *self, double top)
{
    for (int i = 0; i < self->count; i++) {
        double x = WIDTH - (double)(self->count - 1 - i) * WIDTH / (SECONDS - 1);
        cairo_line_to(cairo, x, HEIGHT - 1 - self->rates[i] / top * (HEIGHT - 3));
    }
}

static void mon_sparkline_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonSparkline *self = MON_SPARKLINE(widget);
    double top = highest(self), width = (double)(self->count - 1) * WIDTH / (SECONDS - 1);
    if (self->count == 0)
        return;
    GdkRGBA ground = palette_color(PALETTE_line2);
    gtk_snapshot_append_color(snapshot, &ground, &GRAPHENE_RECT_INIT(0, HEIGHT - 1, WIDTH, 1));
    if (self->count < LEAST)
        return;
    GdkRGBA color = palette_color(self->is_live ? PALETTE_accent : PALETTE_dim);
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, WIDTH, HEIGHT));
    trace(cairo, self, top > 0 ? top * 1.2 : 1);
    cairo_path_t *line = cairo_copy_path(cairo);
    cairo_line_to(cairo, WIDTH, HEIGHT);
    cairo_line_to(cairo, WIDTH - width, HEIGHT);
    cairo_set_source_rgba(cairo, color.red, color.green, color.blue, 0.25);
    cairo_fill(cairo);
    cairo_append_path(cairo, line);
    cairo_path_destroy(line);
    gdk_cairo_set_source_rgba(cairo, &color);
    cairo_set_line_width(cairo, 1);
    cairo_stroke(cairo);
    cairo_destroy(cairo);
}

static void mon_sparkline_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                                  int *natural, int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)for_size;
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_sparkline_class_init(MonSparklineClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_sparkline_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_sparkline_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void mon_sparkline_init(MonSparkline *self)
{
    gtk_widget_set_valign(GTK_WIDGET(self), GTK_ALIGN_CENTER);
}

GtkWidget *mon_sparkline_new(void)
{
    return g_object_new(MON_TYPE_SPARKLINE, NULL);
}

/* Returns how many are known. */
static int collect(const struct history *history, double ret_rates[SECONDS])
{
    int count = 0;
    for (int64_t second = history->last - SECONDS + 1; second <= history->last; second++) {
        double rate;
        if (history_rate(history, second, &rate))
            ret_rates[count++] = rate;
    }
    return count;
}

void mon_sparkline_show(MonSparkline *self, const struct model_pool *pool, bool is_live)
{
    double rates[SECONDS] = { 0 };
    int count = pool != NULL ? collect(&pool->history, rates) : 0;
    if (count == self->count && is_live == self->is_live && memcmp(rates, self->rates, sizeof rates) == 0)
        return;
    memcpy(self->rates, rates, sizeof rates);
    self->count = count;
    self->is_live = is_live;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
