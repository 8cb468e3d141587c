#include "window/shares.h"

#include "model/text.h"
#include "model/words.h"
#include "window/bar.h"
#include "window/parts.h"
#include <stdlib.h>

#define BAR_WIDTH  320
#define BAR_HEIGHT 10

/* ---- Arithmetic ---- */

/* Every stride-th length, so many that there is room for. */
struct sample {
    int64_t lengths[SHARES_SAMPLE];
    size_t count;
    uint64_t seen, stride;
};

static void add_length(struct sample *sample, int64_t length_ns)
{
    if (sample->count == SHARES_SAMPLE) {
        for (size_t i = 0; i < SHARES_SAMPLE / 2; i++)
            sample->lengths[i] = sample->lengths[2 * i];
        sample->count = SHARES_SAMPLE / 2;
        sample->stride *= 2;
    }
    if (sample->seen++ % sample->stride == 0)
        sample->lengths[sample->count++] = length_ns;
}

static int by_length(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static int64_t median(struct sample *sample)
{
    if (sample->count == 0)
        return 0;
    qsort(sample->lengths, sample->count, sizeof *sample->lengths, by_length);
    return sample->lengths[sample->count / 2];
}

static void add_bar(struct share *share, struct sample *sample, const struct bar *bar, struct lane_span span)
{
    share->busy_ns += (double)lane_bar_within(bar, span);
    share->tasks++;
    share->max_ns = MAX(share->max_ns, bar->end_ns - bar->begin_ns);
    if (bar->end != 0)
        add_length(sample, bar->end_ns - bar->begin_ns);
}

static void add_bars(const struct view *view, struct lane_span span, struct shares *shares, struct sample *samples)
{
    struct bars_walk walk = { span.from_ns, span.to_ns, view->number, -1, 0, 0 };
    struct bar running, room;
    const struct bar *bar;
    while ((bar = lane_next_bar(view, &walk, &room, NULL)) != NULL)
        add_bar(&shares->parts[lane_group_of(bar->function)], &samples[lane_group_of(bar->function)], bar, span);
    for (uint32_t i = 0; i < view->pool->workers.count; i++)
        if (lane_running_bar(view, i, &running) && running.begin_ns < span.to_ns && running.end_ns > span.from_ns)
            add_bar(&shares->parts[lane_group_of(running.function)], &samples[lane_group_of(running.function)],
                    &running, span);
}

void shares_count(const struct view *view, struct lane_span span, struct shares *ret_shares)
{
    g_autofree struct sample *samples = g_new(struct sample, SHARES);
    double busy_ns = 0;
    for (int i = 0; i < SHARES; i++) {
        samples[i].count = 0;
        samples[i].seen = 0;
        samples[i].stride = 1;
    }
    *ret_shares = (struct shares){ .idle_ns = 0 };
    add_bars(view, span, ret_shares, samples);
    for (int i = 0; i < SHARES; i++) {
        ret_shares->parts[i].p50_ns = median(&samples[i]);
        busy_ns += ret_shares->parts[i].busy_ns;
    }
    ret_shares->whole_ns = MAX((double)lane_known_ns(view, span) * lane_worker_count(view), busy_ns);
    ret_shares->idle_ns = ret_shares->whole_ns - busy_ns;
}

/* ---- The widget ---- */

enum { NAME, BAR, SHARE, TIME, TASKS, MEDIAN, LONGEST, CELLS };

/* A row per part, and one of what is left. */
struct _MonShares {
    GtkBox parent_instance;
    GtkWidget *title, *rows[SHARES + 1][CELLS];
};

G_DEFINE_TYPE(MonShares, mon_shares, GTK_TYPE_BOX)

static void mon_shares_class_init(MonSharesClass *class)
{
    (void)class;
}

static GtkWidget *new_cell(int cell)
{
    static const int chars[CELLS] = {
        [NAME] = 16, [SHARE] = 6, [TIME] = 8, [TASKS] = 11, [MEDIAN] = 10, [LONGEST] = 11
    };
    if (cell == BAR) {
        GtkWidget *bar = mon_bar_new();
        mon_bar_set_size(MON_BAR(bar), BAR_WIDTH, BAR_HEIGHT);
        return bar;
    }
    GtkWidget *label = parts_label("", cell <= TIME ? "body" : "body dim");
    gtk_label_set_xalign(GTK_LABEL(label), cell == NAME ? 0 : 1);
    gtk_label_set_width_chars(GTK_LABEL(label), chars[cell]);
    return label;
}

static void add_row(MonShares *self, GtkWidget *grid, int row)
{
    for (int i = 0; i < CELLS; i++) {
        self->rows[row][i] = new_cell(i);
        gtk_grid_attach(GTK_GRID(grid), self->rows[row][i], i, row, 1, 1);
    }
}

static void mon_shares_init(MonShares *self)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(self), 8);
    gtk_widget_add_css_class(GTK_WIDGET(self), "block");
    self->title = parts_add(GTK_WIDGET(self), parts_label("", "section"));
    parts_add(GTK_WIDGET(self), grid);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 4);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 10);
    for (int i = 0; i <= SHARES; i++)
        add_row(self, grid, i);
}

GtkWidget *mon_shares_new(void)
{
    return g_object_new(MON_TYPE_SHARES, NULL);
}

/* ---- Showing ---- */

static void show_row(MonShares *self, int row, bool is_seen)
{
    for (int i = 0; i < CELLS; i++)
        gtk_widget_set_visible(self->rows[row][i], is_seen);
}

/* Of a time that nobody watched nothing is known. */
static void put_part(GtkWidget **cells, bool is_known, double part, double ns, enum palette_color color)
{
    mon_bar_set(MON_BAR(cells[BAR]), part, color);
    parts_set_text(cells[SHARE], is_known ? text_share(part).text : "");
    parts_set_text(cells[TIME], is_known ? text_duration((int64_t)MIN(ns, (double)LANE_TIME_MAX)).text : "");
}

static void show_share(MonShares *self, const struct view *view, int row, const struct share *share, double whole_ns)
{
    static const enum palette_color colors[SHARES] = { PALETTE_f1, PALETTE_f2, PALETTE_f3,
                                                       PALETTE_f4, PALETTE_f5, PALETTE_f6 };
    GtkWidget **cells = self->rows[row];
    bool is_other = row == LANE_COLORS;
    parts_set_text(cells[NAME], is_other ? "other functions" : lane_function_name(view->pool, (uint32_t)row + 1));
    put_part(cells, whole_ns > 0, whole_ns > 0 ? share->busy_ns / whole_ns : 0, share->busy_ns, colors[row]);
    parts_set_text(cells[TASKS], words_many(share->tasks, "task").text);
    parts_set_format(cells[MEDIAN], share->p50_ns > 0 ? "p50 %s" : "%s",
                     share->p50_ns > 0 ? text_duration(share->p50_ns).text : "");
    parts_set_format(cells[LONGEST], share->max_ns > 0 ? "max %s" : "%s",
                     share->max_ns > 0 ? text_duration(share->max_ns).text : "");
}

static void show_idle(MonShares *self, const struct shares *shares)
{
    GtkWidget **cells = self->rows[SHARES];
    const char *name = parts_is_narrow(GTK_WIDGET(self)) ? "nothing (idle)" : "nothing (idle, waiting, no worker)";
    parts_set_text(cells[NAME], shares->whole_ns > 0 ? name : "not watched");
    put_part(cells, shares->whole_ns > 0, shares->whole_ns > 0 ? shares->idle_ns / shares->whole_ns : 0,
             shares->idle_ns, PALETTE_line2);
}

void mon_shares_show(MonShares *self, const struct view *view, struct lane_span span, bool is_range)
{
    struct shares shares;
    shares_count(view, span, &shares);
    if (is_range)
        parts_set_format(self->title, "Busy share of each function in the chosen %s",
                         text_duration(lane_span_length(span)).text);
    else
        parts_set_text(self->title, "Busy share of each function in this window");
    for (int i = 0; i < SHARES; i++) {
        show_row(self, i,
                 i < LANE_COLORS ? pool_function_at(view->pool, (uint32_t)i + 1) != NULL : shares.parts[i].tasks > 0);
        show_share(self, view, i, &shares.parts[i], shares.whole_ns);
    }
    show_idle(self, &shares);
}
