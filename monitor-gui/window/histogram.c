#include "window/histogram.h"

#include "model/text.h"
#include "model/words.h"
#include "window/canvas.h"
#include "window/parts.h"
#include "window/twin.h"

#define MIN_WIDTH   160
#define MIN_HEIGHT  74
#define TOP_ROOM    18
#define BOTTOM_ROOM 16
#define PIXELS      11
/* Where that nothing is known is told, as labels tell it. */
#define NONE_TOP    2
#define NONE_PIXELS 12.5
/* Of the name of a percentile, with what is free beside it. */
#define NAME_ROOM 26
#define SOFTNESS  0.62f

struct _MonHistogram {
    GtkWidget parent_instance;
    struct bins bins;
    const char *none; /* what it says of nothing; NULL: nothing was shown so far */
};

G_DEFINE_TYPE(MonHistogram, mon_histogram, GTK_TYPE_WIDGET)

struct plot {
    double width, height;
};

static void draw_bins(MonHistogram *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    const struct bins *bins = &self->bins;
    GdkRGBA usual = palette_color_in(GTK_WIDGET(self), PALETTE_accent);
    GdkRGBA slow = palette_color_in(GTK_WIDGET(self), PALETTE_warn);
    double wide = plot->width / (double)bins->count;
    usual.alpha = SOFTNESS;
    for (size_t i = 0; i < bins->count; i++) {
        double height = bins->filled[i] / bins->highest * plot->height;
        if (bins->filled[i] > 0 && height < 2)
            height = 2;
        canvas_box(snapshot, wide * (double)i, TOP_ROOM + plot->height - height, wide - 1, height,
                   bins->edges[i] >= bins->p99 ? &slow : &usual);
    }
}

static void draw_marks(MonHistogram *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    static const char *const texts[BINS_MARKS] = {
        [BINS_MOST] = "max", [BINS_P50] = "p50", [BINS_P99] = "p99", [BINS_P90] = "p90"
    };
    GdkRGBA color = palette_color(PALETTE_text);
    double places[BINS_MARKS], names[BINS_MARKS];
    bins_mark(&self->bins, NAME_ROOM / plot->width, places, names);
    for (int i = 0; i < BINS_MARKS; i++) {
        canvas_dashes(snapshot, (int)(places[i] * (plot->width - 1)), TOP_ROOM - 2, 0, plot->height + 2, 2, &color);
        if (names[i] != BINS_NO_NAME)
            canvas_text(GTK_WIDGET(self), snapshot, texts[i], names[i] * plot->width + NAME_ROOM / 2.0, 0, 0.5, PIXELS,
                        false, PALETTE_dim);
    }
}

static void draw_axis(MonHistogram *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    GtkWidget *widget = GTK_WIDGET(self);
    const struct bins *bins = &self->bins;
    GdkRGBA axis = palette_color(PALETTE_line2);
    double y = TOP_ROOM + plot->height;
    canvas_box(snapshot, 0, y, plot->width, 1, &axis);
    canvas_text(widget, snapshot, text_duration(bins->edges[0]).text, 0, y + 2, 0, PIXELS, false, PALETTE_dim);
    if (strcmp(text_duration(bins->edges[0]).text, text_duration(bins->edges[bins->count]).text) == 0)
        return;
    canvas_text(widget, snapshot, text_duration(bins->edges[bins->count / 2]).text, plot->width / 2, y + 2, 0.5, PIXELS,
                false, PALETTE_dim);
    canvas_text(widget, snapshot, text_duration(bins->edges[bins->count]).text, plot->width, y + 2, 1, PIXELS, false,
                PALETTE_dim);
}

static void mon_histogram_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonHistogram *self = MON_HISTOGRAM(widget);
    struct plot plot = { gtk_widget_get_width(widget), gtk_widget_get_height(widget) - TOP_ROOM - BOTTOM_ROOM };
    if (self->bins.count == 0 || plot.height < 4) {
        canvas_text(widget, snapshot, self->none != NULL ? self->none : "", 0, NONE_TOP, 0, NONE_PIXELS, false,
                    PALETTE_dim);
        return;
    }
    draw_bins(self, snapshot, &plot);
    draw_marks(self, snapshot, &plot);
    draw_axis(self, snapshot, &plot);
}

static void mon_histogram_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                                  int *natural, int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)for_size;
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_histogram_class_init(MonHistogramClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = mon_histogram_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_histogram_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void mon_histogram_init(MonHistogram *self)
{
    gtk_widget_set_hexpand(GTK_WIDGET(self), TRUE);
    gtk_widget_set_vexpand(GTK_WIDGET(self), TRUE);
}

/* ---- As a table: the percentiles, then the bins ---- */

#define PERCENTILES 4

enum { TIME, TASKS, COLUMNS };

static const struct table_column columns[COLUMNS] = {
    [TIME] = { "Run time", 0, TABLE_TEXT, false, true, false },
    [TASKS] = { "Tasks", 96, TABLE_TEXT, true, false, false },
};

static guint count_rows(GtkWidget *chart)
{
    const struct bins *bins = &MON_HISTOGRAM(chart)->bins;
    return bins->count > 0 ? PERCENTILES + (guint)bins->count : 0;
}

static void fill_percentile(const struct bins *bins, guint row, guint column, struct table_cell *cell)
{
    static const char *const shares[PERCENTILES] = { "half of them", "90" TEXT_BLANK "%", "99" TEXT_BLANK "%", "all" };
    const int64_t lengths[PERCENTILES] = { bins->p50, bins->p90, bins->p99, bins->most };
    if (column == TIME)
        g_snprintf(cell->words.text, sizeof cell->words.text, "within %s", text_duration(lengths[row]).text);
    else
        g_strlcpy(cell->words.text, shares[row], sizeof cell->words.text);
}

static void fill_row(GtkWidget *chart, guint row, guint column, struct table_cell *ret_cell)
{
    const struct bins *bins = &MON_HISTOGRAM(chart)->bins;
    if (row < PERCENTILES) {
        fill_percentile(bins, row, column, ret_cell);
        return;
    }
    guint bin = row - PERCENTILES;
    if (column == TIME)
        g_snprintf(ret_cell->words.text, sizeof ret_cell->words.text, "%s to %s", text_duration(bins->edges[bin]).text,
                   text_duration(bins->edges[bin + 1]).text);
    else
        g_strlcpy(ret_cell->words.text, text_count((uint64_t)(bins->filled[bin] + 0.5)).text,
                  sizeof ret_cell->words.text);
}

static char *title_of(GtkWidget *chart)
{
    (void)chart;
    return g_strdup("Run time");
}

static const struct twin_kind twin = { columns, COLUMNS, count_rows, fill_row, title_of };

/* ---- Showing ---- */

GtkWidget *mon_histogram_new(void)
{
    GtkWidget *histogram = g_object_new(MON_TYPE_HISTOGRAM, NULL);
    twin_add(histogram, &twin);
    return histogram;
}

void mon_histogram_show(MonHistogram *self, const struct bins *bins, const char *none)
{
    if (self->none == none && memcmp(&self->bins, bins, sizeof *bins) == 0)
        return;
    self->bins = *bins;
    self->none = none;
    g_autofree char *label = bins->count == 0
                                 ? g_strdup_printf("Run time: %s", none)
                                 : g_strdup_printf("Run time of %s that returned: half of them within %s, 90" TEXT_BLANK
                                                   "%% within %s, 99" TEXT_BLANK "%% within %s, the longest %s",
                                                   words_many(bins->total, "task").text, text_duration(bins->p50).text,
                                                   text_duration(bins->p90).text, text_duration(bins->p99).text,
                                                   text_duration(bins->most).text);
    parts_set_accessible_label(GTK_WIDGET(self), label);
    parts_set_tooltip(GTK_WIDGET(self), label);
    twin_changed(GTK_WIDGET(self));
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
