#include "window/page_overview.h"

#include "model/text.h"
#include "window/charts.h"
#include "window/figures.h"
#include "window/histogram.h"
#include "window/parts.h"
#include "window/progress.h"
#include "window/run_times.h"
#include "window/says.h"
#include "window/split.h"
#include "window/table.h"
#include "window/troubles.h"
#include "window/worker_rows.h"
#include <inttypes.h>
#include <stdio.h>

/* Of its own width, and of the room for the charts below which they stand in one row. */
#define NARROW_WIDTH 780
#define CHARTS_ROOM  230
/* Of its own height, from which on the charts can spare some for more functions or maps. */
#define ROOMY_HEIGHT 800
#define SIDE_WIDTH   340
#define SIDE_ROOMY   368
#define ROOMY_WIDTH  900
#define ROWS_SEEN    8
#define ROW_HEIGHT   27
/* What it is high where nothing stands beside it that is higher. */
#define HISTOGRAM_ALONE 96

#define MON_TYPE_PAGE_OVERVIEW (mon_page_overview_get_type())
G_DECLARE_FINAL_TYPE(MonPageOverview, mon_page_overview, MON, PAGE_OVERVIEW, GtkBox)

enum { WORKERS, TROUBLES, PROGRESS, SPLIT, CHARTS, TIMES, BLOCKS };

struct _MonPageOverview {
    GtkBox parent_instance;
    GtkWidget *scroller, *grid, *figures, *blocks[BLOCKS], *hairs[BLOCKS];
    GtkWidget *median, *table, *none, *troubles, *progress, *split, *charts, *times, *without, *histogram;
    struct view view;
    GArray *rows; /* struct worker_row */
    struct bins bins;
    uint64_t seen_tasks;
    bool is_narrow, is_arranged;
    int side; /* width of the second column; 0: there is none */
};

G_DEFINE_TYPE(MonPageOverview, mon_page_overview, GTK_TYPE_BOX)

/* ---- Who runs what ---- */

enum { STATE, INDEX, PID, DOING, FOR, DONE, CPU, COLUMNS };

static const struct table_column columns[COLUMNS] = {
    [STATE] = { "State", 114, TABLE_STATE, false, false, false },
    [INDEX] = { "#", WORKER_INDEX_WIDTH, TABLE_TEXT, true, false, false },
    [PID] = { "PID", 70, TABLE_TEXT, true, false, false },
    [DOING] = { "Doing now", 0, TABLE_PATH, false, true, false },
    [FOR] = { "For", 124, TABLE_BAR, true, false, false },
    [DONE] = { "Done", 62, TABLE_TEXT, true, false, false },
    [CPU] = { "CPU", 66, TABLE_TEXT, true, false, false },
};

/* The bar of one that runs ends at the 99th percentile of its function, or of all tasks that are known. */
static double part_of(const MonPageOverview *self, const struct model_worker *worker)
{
    const struct model_function *function = pool_function_at(self->view.pool, worker->said.function);
    const struct function_times times = function_times(function);
    int64_t p99_ns = times.count > 0 ? times.p99_ns : self->bins.p99;
    int64_t run_ns;
    bool runs = model_worker_run_ns(self->view.model, worker, &run_ns) &&
                !says_waits(self->view.model, self->view.pool, worker);
    return runs && p99_ns > 0 ? (double)run_ns / (double)p99_ns : -1;
}

static void fill(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    static const enum worker_column same[COLUMNS] = { WORKER_STATE, WORKER_INDEX, WORKER_PID, WORKER_DOING,
                                                      WORKER_FOR,   WORKER_DONE,  WORKER_CPU };
    MonPageOverview *self = user;
    if (row >= self->rows->len || !view_renew(&self->view))
        return;
    const struct worker_row *known = &g_array_index(self->rows, struct worker_row, row);
    worker_row_fill(&self->view, known, same[column], ret_cell);
    const struct model_worker *worker = worker_row_look(&self->view, known).worker;
    if (column != FOR || worker == NULL)
        return;
    ret_cell->part = part_of(self, worker);
    if (ret_cell->part > 1)
        ret_cell->class = "warn";
}

static void show_workers(MonPageOverview *self)
{
    worker_rows_collect(self->rows, &self->view, WORKERS_PLACES);
    mon_table_widen(MON_TABLE(self->table), INDEX, worker_index_more(self->view.pool->workers.count));
    struct worker_title done = worker_rows_done(&self->view);
    mon_table_name_column(MON_TABLE(self->table), DONE, done.title, done.tip);
    mon_table_name_column(MON_TABLE(self->table), CPU, "CPU", WORKER_CPU_TIP);
    mon_table_refresh(MON_TABLE(self->table), self->rows->len);
    guint seen = CLAMP(self->rows->len, 1, ROWS_SEEN);
    gtk_widget_set_size_request(self->table, -1, (int)(seen + 1) * ROW_HEIGHT + 2);
    gtk_widget_set_visible(self->table, self->rows->len > 0);
    gtk_widget_set_visible(self->none, self->rows->len == 0);
    parts_set_text(self->none, worker_rows_none(&self->view, WORKERS_PLACES));
}

/* ---- How long tasks run ---- */

/* Whether bars end at different lengths. */
static bool has_functions(const struct model_pool *pool)
{
    unsigned known = 0;
    for (size_t i = 0; i < pool->functions.count; i++) {
        const struct model_function *function = pool_function_at(pool, (uint32_t)i);
        known += function != NULL && function_times(function).count > 0;
    }
    return known > 1;
}

static void show_median(MonPageOverview *self, const struct bins *bins)
{
    struct number_text median = text_duration(bins->p50), p99 = text_duration(bins->p99);
    if (self->rows->len == 0) /* there are no bars */
        parts_set_text(self->median, "");
    else if (has_functions(self->view.pool))
        parts_set_format(self->median, "median %s" DOT "bar ends at p99 of its function", median.text);
    else
        parts_set_format(self->median, "median %s" DOT "bar ends at p99, %s", median.text, p99.text);
}

static const char *no_times(MonPageOverview *self)
{
    if (pool_done(self->view.pool) == 0)
        return "No task has ended yet.";
    return run_times_losses(&self->view).count > 0 ? "No run that returned is known."
                                                   : "Nothing is known of the last runs.";
}

static void show_times(MonPageOverview *self)
{
    const struct bins *bins = &self->bins;
    if (self->seen_tasks != self->view.model->records)
        run_times_collect(&self->bins, &self->view);
    self->seen_tasks = self->view.model->records;
    mon_histogram_show(MON_HISTOGRAM(self->histogram), bins, no_times(self));
    if (bins->count == 0) {
        parts_set_text(self->times, "");
        parts_set_text(self->median, "");
        return;
    }
    parts_set_format(self->times, "p50 %s  p90 %s  p99 %s", text_duration(bins->p50).text,
                     text_duration(bins->p90).text, text_duration(bins->p99).text);
    show_median(self, bins);
}

#define WITHOUT_ALL "How long it takes until a task returns, done or failed. "
#define WITHOUT_WHY                                                                                                    \
    "Attempts that ended with their worker, killed or by themselves, would have run for nobody knows how long."

/* A longest time without those that took so long that they were killed would be half of the truth. */
static void show_without(MonPageOverview *self)
{
    struct run_losses losses = run_times_losses(&self->view);
    struct words words = run_times_without(&losses);
    gtk_widget_set_visible(self->without, words.text[0] != '\0');
    parts_set_text(self->without, words.text);
    parts_set_tooltip(self->without, WITHOUT_ALL WITHOUT_WHY);
}

/* ---- Where things stand ---- */

static const struct place {
    int column, row;
} wide[BLOCKS] = { { 0, 1 }, { 2, 1 }, { 0, 3 }, { 2, 3 }, { 0, 5 }, { 2, 5 } },
  narrow[BLOCKS] = { { 0, 1 }, { 0, 3 }, { 0, 5 }, { 0, 9 }, { 0, 7 }, { 0, 11 } };

static void detach_all(MonPageOverview *self)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(self->grid)) != NULL)
        gtk_grid_remove(GTK_GRID(self->grid), child);
}

static void attach_hairs(MonPageOverview *self)
{
    int rows = self->is_narrow ? 6 : 3, width = self->is_narrow ? 1 : 3;
    for (int i = 0; i < rows; i++)
        gtk_grid_attach(GTK_GRID(self->grid), self->hairs[i], 0, i * 2, width, 1);
    if (self->is_narrow)
        return;
    GtkWidget *down = parts_hair(GTK_ORIENTATION_VERTICAL);
    gtk_grid_attach(GTK_GRID(self->grid), down, 1, 1, 1, 5);
}

static void arrange(MonPageOverview *self, int width)
{
    int side = width < NARROW_WIDTH ? 0 : width < ROOMY_WIDTH ? SIDE_WIDTH : SIDE_ROOMY;
    bool is_narrow = side == 0;
    if (self->is_arranged && self->side == side)
        return;
    self->is_arranged = true;
    self->is_narrow = is_narrow;
    self->side = side;
    detach_all(self);
    attach_hairs(self);
    gtk_widget_set_size_request(self->histogram, -1, is_narrow ? HISTOGRAM_ALONE : -1);
    for (int i = 0; i < BLOCKS; i++) {
        const struct place *place = is_narrow ? &narrow[i] : &wide[i];
        gtk_grid_attach(GTK_GRID(self->grid), self->blocks[i], place->column, place->row, 1, 1);
        bool is_side = i == TROUBLES || i == SPLIT || i == TIMES;
        gtk_widget_set_hexpand(self->blocks[i], is_narrow || !is_side);
        gtk_widget_set_size_request(self->blocks[i], is_side && !is_narrow ? side : -1, -1);
    }
}

static void fit(MonPageOverview *self)
{
    int width = parts_page_width(GTK_WIDGET(self)), height = gtk_widget_get_height(GTK_WIDGET(self));
    double x, y;
    if (width <= 0)
        return;
    arrange(self, width);
    mon_progress_spare(MON_PROGRESS(self->progress), !self->is_narrow && height < ROOMY_HEIGHT);
    if (!gtk_widget_translate_coordinates(self->charts, self->grid, 0, 0, &x, &y))
        return;
    double room = height - y - gtk_widget_get_height(self->figures);
    mon_charts_arrange(MON_CHARTS(self->charts), !self->is_narrow && room < CHARTS_ROOM);
}

/* ---- The page ---- */

void mon_page_overview_show(GtkWidget *page, const struct view *view)
{
    MonPageOverview *self = MON_PAGE_OVERVIEW(page);
    self->view = *view;
    fit(self);
    show_workers(self);
    mon_figures_show(MON_FIGURES(self->figures), view);
    mon_troubles_show(MON_TROUBLES(self->troubles), view);
    mon_progress_show(MON_PROGRESS(self->progress), view);
    mon_split_show(MON_SPLIT(self->split), view);
    mon_charts_show(MON_CHARTS(self->charts), view);
    show_times(self);
    show_without(self);
}

static GtkWidget *new_head(const char *title, GtkWidget **ret_note)
{
    GtkWidget *head = parts_row(8);
    gtk_widget_set_hexpand(parts_add(head, parts_label(title, "section")), TRUE);
    *ret_note = parts_add(head, parts_short_label("", "caption"));
    return head;
}

static GtkWidget *new_workers(MonPageOverview *self)
{
    GtkWidget *column = parts_column(0), *head = parts_add(column, new_head("Workers", &self->median));
    parts_set_margins(head, 16, 9, 3);
    self->table = parts_add(column, mon_table_new(columns, COLUMNS, "Workers", fill, self));
    self->none = parts_add(column, parts_label("", "body dim"));
    parts_set_margins(self->none, 16, 6, 10);
    return column;
}

static GtkWidget *new_times(MonPageOverview *self)
{
    GtkWidget *column = parts_column(4);
    gtk_widget_add_css_class(column, "block");
    parts_add(column, new_head("Run time", &self->times));
    self->without = parts_add(column, parts_label("", "caption"));
    self->histogram = parts_add(column, mon_histogram_new());
    return column;
}

static void make_blocks(MonPageOverview *self)
{
    self->blocks[WORKERS] = new_workers(self);
    self->blocks[TROUBLES] = self->troubles = mon_troubles_new();
    self->blocks[PROGRESS] = self->progress = mon_progress_new();
    self->blocks[SPLIT] = self->split = mon_split_new();
    self->blocks[CHARTS] = self->charts = mon_charts_new();
    self->blocks[TIMES] = new_times(self);
    for (int i = 0; i < BLOCKS; i++) {
        self->hairs[i] = parts_hair(GTK_ORIENTATION_HORIZONTAL);
        g_object_ref_sink(self->hairs[i]);
        g_object_ref_sink(self->blocks[i]);
    }
}

static void mon_page_overview_dispose(GObject *object)
{
    MonPageOverview *self = MON_PAGE_OVERVIEW(object);
    for (int i = 0; i < BLOCKS; i++) {
        g_clear_object(&self->blocks[i]);
        g_clear_object(&self->hairs[i]);
    }
    G_OBJECT_CLASS(mon_page_overview_parent_class)->dispose(object);
}

static void mon_page_overview_finalize(GObject *object)
{
    g_array_unref(MON_PAGE_OVERVIEW(object)->rows);
    G_OBJECT_CLASS(mon_page_overview_parent_class)->finalize(object);
}

static void mon_page_overview_class_init(MonPageOverviewClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_page_overview_dispose;
    G_OBJECT_CLASS(class)->finalize = mon_page_overview_finalize;
}

static void mon_page_overview_init(MonPageOverview *self)
{
    GtkWidget *column = parts_column(0);
    self->rows = g_array_new(FALSE, FALSE, sizeof(struct worker_row));
    self->figures = parts_add(column, mon_figures_new());
    self->grid = parts_add(column, gtk_grid_new());
    gtk_widget_set_vexpand(self->grid, TRUE);
    make_blocks(self);
    arrange(self, ROOMY_WIDTH);
    self->scroller = parts_add(GTK_WIDGET(self), gtk_scrolled_window_new());
    /* It may become narrower than two columns are: then there will be one. */
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_EXTERNAL, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scroller), column);
    gtk_widget_set_hexpand(self->scroller, TRUE);
}

GtkWidget *mon_page_overview_new(void)
{
    return g_object_new(MON_TYPE_PAGE_OVERVIEW, NULL);
}
