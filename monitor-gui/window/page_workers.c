#include "window/page_workers.h"

#include "model/text.h"
#include "window/causes.h"
#include "window/certificate.h"
#include "window/filters.h"
#include "window/grants.h"
#include "window/pane.h"
#include "window/parts.h"
#include "window/worker_rows.h"
#include <mproc/stats.h>

#define NARROW_WIDTH 800
/* Of the table: below it the input of a task would be cut, which is what one looks for. */
#define SPARE_WIDTH 720

#define MON_TYPE_PAGE_WORKERS (mon_page_workers_get_type())
G_DECLARE_FINAL_TYPE(MonPageWorkers, mon_page_workers, MON, PAGE_WORKERS, GtkBox)

struct _MonPageWorkers {
    GtkBox parent_instance;
    GtkWidget *filters[3], *restart, *kill, *table, *none, *causes, *scroller, *certificate, *paned;
    enum worker_filter filter;
    struct view view;
    GArray *rows;
    struct worker_row chosen;
    bool is_open;
};

G_DEFINE_TYPE(MonPageWorkers, mon_page_workers, GTK_TYPE_BOX)

static const struct table_column columns[WORKER_COLUMNS] = {
    [WORKER_STATE] = { "State", 128, TABLE_STATE, false, false, false },
    [WORKER_INDEX] = { "#", WORKER_INDEX_WIDTH, TABLE_TEXT, true, false, false },
    [WORKER_PID] = { "PID", 70, TABLE_TEXT, true, false, false },
    [WORKER_DOING] = { "Doing now, or last task", 0, TABLE_PATH, false, true, false },
    [WORKER_FOR] = { "For / died", 76, TABLE_TEXT, true, false, false },
    [WORKER_DONE] = { "Done", 62, TABLE_TEXT, true, false, false },
    [WORKER_CPU] = { "CPU", 66, TABLE_TEXT, true, false, false },
    [WORKER_MEMORY] = { "Memory", 82, TABLE_TEXT, true, false, false, .is_spare = true },
};

static void fill(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    MonPageWorkers *self = user;
    if (row < self->rows->len && view_renew(&self->view))
        worker_row_fill(&self->view, &g_array_index(self->rows, struct worker_row, row), (enum worker_column)column,
                        ret_cell);
}

/* ---- The chosen worker ---- */

/* A place of a pool may have no worker, for a moment or for good. */
static bool is_alive(const struct model_worker *worker)
{
    return worker != NULL && worker->said.state != MPROC_WORKER_NONE;
}

static void show_button(GtkWidget *button, const struct view *view, unsigned verb, const struct model_worker *worker)
{
    const char *why_not = grants_why_not(view, verb);
    if (why_not == NULL && !is_alive(worker))
        why_not = "Choose a living worker first.";
    if (worker != NULL)
        gtk_actionable_set_action_target(GTK_ACTIONABLE(button), "i", (int)worker->said.worker);
    gtk_widget_set_visible(button, grants_can_be(view));
    gtk_widget_set_sensitive(button, why_not == NULL);
    parts_set_tooltip(button, why_not);
}

/* Below the table there is no room for causes as well. */
static void turn(MonPageWorkers *self)
{
    int table = gtk_widget_get_width(self->table);
    mon_table_spare(MON_TABLE(self->table), table > 0 && table < SPARE_WIDTH);
    int width = parts_page_width(GTK_WIDGET(self));
    bool is_narrow = width > 0 && width < NARROW_WIDTH;
    pane_turn(self->paned, is_narrow);
    pane_fit(self->paned, self->table);
    if (is_narrow && gtk_widget_get_visible(self->scroller))
        gtk_widget_set_visible(self->causes, FALSE);
}

static void show_chosen(MonPageWorkers *self)
{
    guint row = self->is_open ? worker_rows_find(self->rows, &self->chosen) : TABLE_NO_ROW;
    struct worker_known known = { NULL, NULL };
    if (row != TABLE_NO_ROW)
        known = worker_row_look(&self->view, &self->chosen);
    mon_table_choose(MON_TABLE(self->table), row);
    gtk_widget_set_visible(self->scroller, known.worker != NULL || known.death != NULL);
    show_button(self->restart, &self->view, RECORD_VERB_RESTART_WORKER, known.worker);
    show_button(self->kill, &self->view, RECORD_VERB_KILL_WORKER, known.worker);
    if (known.worker != NULL || known.death != NULL)
        mon_certificate_show(MON_CERTIFICATE(self->certificate), &self->view, &known);
    turn(self);
}

static void on_chosen(MonTable *table, MonPageWorkers *self)
{
    guint row = mon_table_get_chosen(table);
    if (!view_renew(&self->view))
        return;
    self->is_open = row < self->rows->len;
    if (self->is_open)
        self->chosen = g_array_index(self->rows, struct worker_row, row);
    show_chosen(self);
}

/* Of the deaths that are a line together the last one. */
static void on_cause(MonCauses *causes, MonPageWorkers *self)
{
    if (self->filter == WORKERS_ALIVE)
        gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->filters[WORKERS_DEAD]), TRUE);
    self->chosen = mon_causes_get_chosen(causes);
    self->is_open = true;
    if (view_renew(&self->view))
        show_chosen(self);
}

static void close_detail(MonPageWorkers *self)
{
    self->is_open = false;
    if (view_renew(&self->view))
        show_chosen(self);
}

static void on_closed(MonCertificate *certificate, MonPageWorkers *self)
{
    (void)certificate;
    close_detail(self);
}

/* ---- The page ---- */

/* The pool counts deaths that this window was not told of, or that are long ago. */
static void name_dead(MonPageWorkers *self, guint listed)
{
    uint64_t all = self->view.pool->counts.deaths;
    if (all > listed)
        filters_name(self->filters[WORKERS_DEAD], "Dead %u of %s", listed, text_count(all).text);
    else
        filters_name(self->filters[WORKERS_DEAD], "Dead %u", listed);
}

static void refresh(MonPageWorkers *self)
{
    struct worker_counts counts = worker_rows_collect(self->rows, &self->view, self->filter);
    mon_table_widen(MON_TABLE(self->table), WORKER_INDEX, worker_index_more(self->view.pool->workers.count));
    struct worker_title done = worker_rows_done(&self->view);
    mon_table_name_column(MON_TABLE(self->table), WORKER_DONE, done.title, done.tip);
    mon_table_name_column(MON_TABLE(self->table), WORKER_CPU, "CPU", WORKER_CPU_TIP);
    mon_table_refresh(MON_TABLE(self->table), self->rows->len);
    filters_name(self->filters[WORKERS_ALL], "All %u", counts.alive + counts.ended + counts.dead);
    filters_name(self->filters[WORKERS_ALIVE], "Alive %u", counts.alive);
    name_dead(self, counts.dead);
    gtk_widget_set_visible(self->none, self->rows->len == 0);
    parts_set_text(self->none, worker_rows_none(&self->view, self->filter));
    mon_causes_show(MON_CAUSES(self->causes), &self->view);
    show_chosen(self);
}

static void on_filter(GtkToggleButton *button, MonPageWorkers *self)
{
    self->filter = (enum worker_filter)filters_get(self->filters, 3);
    if (gtk_toggle_button_get_active(button) && view_renew(&self->view))
        refresh(self);
}

void mon_page_workers_show(GtkWidget *page, const struct view *view)
{
    MonPageWorkers *self = MON_PAGE_WORKERS(page);
    if (!view_is_same(&self->view, view))
        self->is_open = false;
    self->view = *view;
    refresh(self);
}

void mon_page_workers_choose(GtkWidget *page, const struct view *view, const struct record_death *death)
{
    MonPageWorkers *self = MON_PAGE_WORKERS(page);
    self->view = *view;
    self->chosen = (struct worker_row){ death->worker, death->pid, death->lives };
    self->is_open = true;
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->filters[WORKERS_ALL]), TRUE);
}

bool mon_page_workers_escape(GtkWidget *page)
{
    MonPageWorkers *self = MON_PAGE_WORKERS(page);
    bool was_open = self->is_open;
    close_detail(self);
    return was_open;
}

char *mon_page_workers_copy(GtkWidget *page)
{
    MonPageWorkers *self = MON_PAGE_WORKERS(page);
    return self->is_open ? mon_certificate_text(MON_CERTIFICATE(self->certificate)) : NULL;
}

char *mon_page_workers_remove(GtkWidget *page)
{
    MonPageWorkers *self = MON_PAGE_WORKERS(page);
    bool can_be_killed =
        self->is_open && view_renew(&self->view) && is_alive(worker_row_look(&self->view, &self->chosen).worker);
    return can_be_killed ? g_strdup_printf("win.kill-worker(%u)", self->chosen.worker) : NULL;
}

static GtkWidget *new_toolbar(MonPageWorkers *self)
{
    GtkWidget *bar = parts_row(8);
    gtk_widget_add_css_class(bar, "toolbar");
    GtkWidget *filters = parts_add(bar, filters_new(self->filters, 3, G_CALLBACK(on_filter), self));
    gtk_widget_set_hexpand(filters, TRUE);
    gtk_widget_set_halign(filters, GTK_ALIGN_START);
    self->restart = parts_add(bar, parts_target_button("Restart\xe2\x80\xa6", "tool", "win.restart-worker"));
    self->kill = parts_add(bar, parts_target_button("Kill\xe2\x80\xa6", "tool", "win.kill-worker"));
    return bar;
}

static GtkWidget *new_list(MonPageWorkers *self)
{
    GtkWidget *column = parts_column(0);
    parts_add(column, new_toolbar(self));
    self->table = parts_add(column, mon_table_new(columns, WORKER_COLUMNS, "Workers", fill, self));
    mon_table_remember(MON_TABLE(self->table), "workers");
    gtk_widget_set_vexpand(self->table, TRUE);
    self->none = parts_add(column, parts_label("", "body dim none"));
    g_signal_connect(self->table, "chosen", G_CALLBACK(on_chosen), self);
    self->causes = parts_add(column, mon_causes_new());
    g_signal_connect(self->causes, "chosen", G_CALLBACK(on_cause), self);
    gtk_widget_set_hexpand(column, TRUE);
    return column;
}

static GtkWidget *new_detail(MonPageWorkers *self)
{
    self->scroller = gtk_scrolled_window_new();
    self->certificate = mon_certificate_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scroller), self->certificate);
    gtk_widget_set_visible(self->scroller, FALSE);
    g_signal_connect(self->certificate, "closed", G_CALLBACK(on_closed), self);
    return self->scroller;
}

static void mon_page_workers_finalize(GObject *object)
{
    g_array_unref(MON_PAGE_WORKERS(object)->rows);
    G_OBJECT_CLASS(mon_page_workers_parent_class)->finalize(object);
}

static void mon_page_workers_class_init(MonPageWorkersClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_page_workers_finalize;
}

static void mon_page_workers_init(MonPageWorkers *self)
{
    self->rows = g_array_new(FALSE, FALSE, sizeof(struct worker_row));
    self->paned = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
    gtk_paned_set_start_child(GTK_PANED(self->paned), new_list(self));
    gtk_paned_set_end_child(GTK_PANED(self->paned), new_detail(self));
    gtk_paned_set_resize_end_child(GTK_PANED(self->paned), FALSE);
    gtk_paned_set_shrink_start_child(GTK_PANED(self->paned), TRUE);
    gtk_paned_set_shrink_end_child(GTK_PANED(self->paned), FALSE);
    gtk_widget_set_hexpand(self->paned, TRUE);
    parts_add(GTK_WIDGET(self), self->paned);
}

GtkWidget *mon_page_workers_new(void)
{
    return g_object_new(MON_TYPE_PAGE_WORKERS, NULL);
}
