#include "window/page_tasks.h"

#include "window/pane.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/task_bulk.h"
#include "window/task_detail.h"
#include "window/task_foot.h"
#include "window/task_index.h"
#include "window/task_picks.h"
#include "window/task_report.h"
#include "window/task_rows.h"
#include "window/task_save.h"
#include "window/task_tools.h"

/* Of its own: below these the tools stand in two rows, there are fewer columns, and the detail is below the table. */
#define TOOLS_WIDTH   960
#define COLUMNS_WIDTH 880
#define NARROW_WIDTH  800

#define MON_TYPE_PAGE_TASKS (mon_page_tasks_get_type())
G_DECLARE_FINAL_TYPE(MonPageTasks, mon_page_tasks, MON, PAGE_TASKS, GtkBox)

struct _MonPageTasks {
    GtkBox parent_instance;
    GtkWidget *tools, *paned, *table, *none, *none_words, *clear, *bulk, *foot, *scroller, *detail;
    struct view view;
    struct task_scene *scene;
    struct task_index *index;
    const struct model_task *chosen; /* held; NULL: none, or several */
    struct task_picks picks;         /* all that are chosen, if these are several */
};

G_DEFINE_TYPE(MonPageTasks, mon_page_tasks, GTK_TYPE_BOX)

static const struct model_task *task_of(MonPageTasks *self, guint row)
{
    return task_index_task(self->index, self->view.model, row);
}

/* While nobody looks there is no scene, and what was looked at may be gone. */
static bool is_seen(MonPageTasks *self)
{
    return self->scene != NULL && view_renew(&self->view);
}

static void fill(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    MonPageTasks *self = user;
    if (!is_seen(self) || row >= task_index_count(self->index))
        return;
    const struct model_task *task = task_of(self, row);
    if (task != NULL)
        task_row_fill(&self->view, self->scene, task, (enum task_column)column, ret_cell);
    else if (column == TASK_COLUMN_STATE)
        *ret_cell = (struct table_cell){ .words = { "Dropped" }, .class = "dim", .glyph = GLYPH_BROKEN, .part = -1 };
}

/* ---- The chosen task ---- */

static void choose(MonPageTasks *self, const struct model_task *task)
{
    task_hold(task);
    task_release(self->chosen);
    self->chosen = task;
}

/* It may be another one by now; one that the model has forgotten stays as it was. */
static void renew_chosen(MonPageTasks *self)
{
    if (self->chosen == NULL)
        return;
    const struct model_task *task = tasks_find(&self->view.model->tasks, &self->chosen->key);
    if (task != NULL)
        choose(self, task);
}

static void turn(MonPageTasks *self)
{
    int width = parts_page_width(GTK_WIDGET(self));
    pane_turn(self->paned, width > 0 && width < NARROW_WIDTH);
    pane_fit(self->paned, self->table);
}

static void show_columns(MonPageTasks *self)
{
    bool is_beside = gtk_orientable_get_orientation(GTK_ORIENTABLE(self->paned)) == GTK_ORIENTATION_HORIZONTAL;
    int taken = self->chosen != NULL && is_beside ? PANE_WIDTH : 0;
    bool is_wide = parts_page_width(GTK_WIDGET(self)) - taken >= COLUMNS_WIDTH;
    mon_table_show_column(MON_TABLE(self->table), TASK_COLUMN_WORKER, is_wide);
    mon_table_show_column(MON_TABLE(self->table), TASK_COLUMN_TRY, is_wide);
    mon_table_show_column(MON_TABLE(self->table), TASK_COLUMN_WAIT, is_wide);
}

/* Rows may have moved, and those that were chosen with them. */
static void choose_rows(MonPageTasks *self)
{
    if (self->picks.count > 1)
        mon_table_choose_all(MON_TABLE(self->table), self->picks.rows);
    else
        mon_table_choose(MON_TABLE(self->table),
                         self->chosen != NULL ? task_index_row(self->index, self->chosen) : TABLE_NO_ROW);
}

static void show_chosen(MonPageTasks *self)
{
    renew_chosen(self);
    choose_rows(self);
    mon_task_bulk_show(MON_TASK_BULK(self->bulk), &self->view, self->scene, &self->picks);
    gtk_widget_set_visible(self->scroller, self->chosen != NULL);
    turn(self);
    show_columns(self);
    if (self->chosen != NULL)
        mon_task_detail_show(MON_TASK_DETAIL(self->detail), &self->view, self->scene, self->chosen);
}

static void on_chosen(MonTable *table, MonPageTasks *self)
{
    if (!is_seen(self))
        return;
    GtkBitset *rows = mon_table_get_all_chosen(table);
    task_picks_take(&self->picks, self->index, rows);
    gtk_bitset_unref(rows);
    choose(self, task_of(self, mon_table_get_chosen(table)));
    show_chosen(self);
}

static void choose_none(MonPageTasks *self)
{
    GtkBitset *none = gtk_bitset_new_empty();
    task_picks_take(&self->picks, self->index, none);
    gtk_bitset_unref(none);
    choose(self, NULL);
}

static void close_detail(MonPageTasks *self)
{
    choose_none(self);
    if (is_seen(self))
        show_chosen(self);
}

static void on_closed(MonTaskDetail *detail, MonPageTasks *self)
{
    (void)detail;
    close_detail(self);
}

static void on_copy(MonTaskDetail *detail, MonPageTasks *self)
{
    g_autofree char *text = mon_page_tasks_copy(GTK_WIDGET(self));
    if (text != NULL)
        parts_copy(GTK_WIDGET(detail), text);
}

/* ---- The rows ---- */

static struct task_question question_of(MonPageTasks *self)
{
    struct task_question question = { .filter = TASKS_ALL };
    mon_task_tools_read(MON_TASK_TOOLS(self->tools), &question);
    question.column = (enum task_column)mon_table_get_sorted(MON_TABLE(self->table), &question.is_descending);
    return question;
}

static void show_none(MonPageTasks *self, guint rows, const struct task_counts *counts)
{
    struct task_question question = question_of(self);
    gtk_widget_set_visible(self->none, rows == 0 && !task_index_is_busy(self->index));
    gtk_widget_set_visible(self->clear, counts->listed[TASKS_ALL] > 0);
    parts_set_text(self->none_words, task_counts_none(counts, &question).text);
}

/* The tools, the title and the foot say the same of it. */
static void show_order(MonPageTasks *self, guint rows, const struct task_counts *counts)
{
    bool is_busy = task_index_is_busy(self->index);
    int64_t stands_ns = is_busy ? 0 : task_index_stands_ns(self->index);
    struct task_news news = task_index_news(self->index);
    mon_task_tools_show(MON_TASK_TOOLS(self->tools), &self->view, counts, &news, stands_ns == 0);
    mon_table_mark_sorted(MON_TABLE(self->table), stands_ns != 0 ? task_foot_order(&self->view, stands_ns).text : NULL);
    mon_task_foot_show(MON_TASK_FOOT(self->foot), &self->view, rows, counts, stands_ns, is_busy);
}

static void show_rows(MonPageTasks *self)
{
    struct task_counts counts;
    guint rows = task_index_count(self->index);
    struct record_counts said = model_counts(self->view.model, self->view.pool);
    task_counts_make(&counts, task_index_counts(self->index), &said);
    if (rows == 0 && task_index_is_busy(self->index))
        mon_table_wait(MON_TABLE(self->table)); /* they are empty meanwhile */
    else
        mon_table_refresh(MON_TABLE(self->table), rows);
    show_order(self, rows, &counts);
    show_none(self, rows, &counts);
    show_chosen(self);
}

static void renew_scene(MonPageTasks *self)
{
    task_scene_free(self->scene);
    self->scene = task_scene_new(self->view.model, self->view.pool);
}

/* While the window is taken down the parts tell of changes, too, and some of them are gone by then. */
static void ask(MonPageTasks *self)
{
    if (!is_seen(self))
        return;
    struct task_question question = question_of(self);
    task_index_ask(self->index, &self->view, &question);
}

static void on_asked(GtkWidget *widget, MonPageTasks *self)
{
    (void)widget;
    ask(self);
}

static void on_renew(MonTaskTools *tools, MonPageTasks *self)
{
    (void)tools;
    mon_page_tasks_renew(GTK_WIDGET(self));
}

static void on_clear(GtkButton *button, MonPageTasks *self)
{
    (void)button;
    mon_task_tools_clear(MON_TASK_TOOLS(self->tools));
}

/* Rows have come from the thread: they are shown at once, if the page is seen. */
static void on_found(void *user)
{
    MonPageTasks *self = user;
    task_picks_renew(&self->picks, self->index);
    if (is_seen(self))
        show_rows(self);
}

/* ---- Saving ---- */

void mon_page_tasks_save(GtkWidget *page, const char *path)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    if (is_seen(self))
        task_save(page, self->index, &self->view, path);
}

static void on_save(MonTaskFoot *foot, MonPageTasks *self)
{
    (void)foot;
    mon_page_tasks_save(GTK_WIDGET(self), NULL);
}

/* ---- The page ---- */

void mon_page_tasks_show(GtkWidget *page, const struct view *view)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    bool is_other = !view_is_same(&self->view, view);
    bool was_seen = self->scene != NULL && !is_other;
    if (is_other)
        choose_none(self);
    self->view = *view;
    renew_scene(self);
    mon_task_tools_set_narrow(MON_TASK_TOOLS(self->tools), parts_page_width(page) < TOOLS_WIDTH);
    if (!was_seen)
        ask(self);
    else
        task_index_beat(self->index, view);
    show_rows(self);
}

void mon_page_tasks_search(GtkWidget *page)
{
    mon_task_tools_search(MON_TASK_TOOLS(MON_PAGE_TASKS(page)->tools));
}

void mon_page_tasks_renew(GtkWidget *page)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    if (is_seen(self))
        task_index_renew(self->index);
}

bool mon_page_tasks_escape(GtkWidget *page)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    bool was_open = self->chosen != NULL || self->picks.count > 1;
    close_detail(self);
    gtk_widget_grab_focus(self->table);
    return was_open || mon_task_tools_clear(MON_TASK_TOOLS(self->tools));
}

/* Of several a line of each. */
static char *copy_picks(MonPageTasks *self)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < self->picks.numbers->len; i++) {
        uint64_t number = g_array_index(self->picks.numbers, uint64_t, i);
        const struct model_task *task = tasks_numbered(&self->view.model->tasks, number);
        g_autofree char *line = task != NULL ? task_row_text(&self->view, self->scene, task) : NULL;
        if (line != NULL)
            g_string_append_printf(text, "%s\n", line);
    }
    return g_string_free(text, FALSE);
}

char *mon_page_tasks_copy(GtkWidget *page)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    if (self->picks.numbers->len > 1 && is_seen(self))
        return copy_picks(self);
    return self->chosen != NULL && is_seen(self) ? task_report(&self->view, self->scene, self->chosen) : NULL;
}

char *mon_page_tasks_remove(GtkWidget *page)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    if (self->picks.count > 1)
        return mon_task_bulk_cancel(MON_TASK_BULK(self->bulk));
    if (self->chosen == NULL || !is_seen(self))
        return NULL;
    enum task_filter group = task_look(self->scene, self->chosen).group;
    bool is_open = group == TASKS_RUNNING || group == TASKS_WAITING;
    return is_open ? g_strdup_printf("win.cancel-tasks([uint64 %" G_GUINT64_FORMAT "])", self->chosen->key.task) : NULL;
}

void mon_page_tasks_filter(GtkWidget *page, enum task_filter filter)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    mon_task_tools_clear(MON_TASK_TOOLS(self->tools));
    mon_task_tools_filter(MON_TASK_TOOLS(self->tools), filter);
}

void mon_page_tasks_choose(GtkWidget *page, const struct view *view, const struct task_key *key)
{
    MonPageTasks *self = MON_PAGE_TASKS(page);
    mon_task_tools_clear(MON_TASK_TOOLS(self->tools));
    self->view = *view;
    choose_none(self);
    choose(self, tasks_find(&view->model->tasks, key));
}

/* ---- Its parts ---- */

static GtkWidget *new_none(MonPageTasks *self)
{
    self->none = parts_column(10);
    self->none_words = parts_add(self->none, parts_short_label("", "dim"));
    gtk_label_set_xalign(GTK_LABEL(self->none_words), 0.5f);
    self->clear = parts_add(self->none, parts_button("Clear the filter", "tool", NULL));
    gtk_widget_set_halign(self->clear, GTK_ALIGN_CENTER);
    g_signal_connect(self->clear, "clicked", G_CALLBACK(on_clear), self);
    gtk_widget_set_halign(self->none, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(self->none, GTK_ALIGN_CENTER);
    gtk_widget_set_visible(self->none, FALSE);
    return self->none;
}

static GtkWidget *new_table(MonPageTasks *self)
{
    self->table = mon_table_new(task_columns, TASK_COLUMNS, "Tasks", fill, self);
    mon_table_make_multiple(MON_TABLE(self->table));
    mon_table_make_sortable(MON_TABLE(self->table), TASK_COLUMN_STATE, true);
    mon_table_remember(MON_TABLE(self->table), "tasks");
    g_signal_connect(self->table, "chosen", G_CALLBACK(on_chosen), self);
    g_signal_connect(self->table, "sorted", G_CALLBACK(on_asked), self);
    return self->table;
}

static GtkWidget *new_list(MonPageTasks *self)
{
    GtkWidget *column = parts_column(0), *overlay = parts_add(column, gtk_overlay_new());
    gtk_overlay_set_child(GTK_OVERLAY(overlay), new_table(self));
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), new_none(self));
    gtk_widget_set_vexpand(overlay, TRUE);
    self->bulk = parts_add(column, mon_task_bulk_new());
    self->foot = parts_add(column, mon_task_foot_new());
    g_signal_connect(self->foot, "save", G_CALLBACK(on_save), self);
    gtk_widget_set_hexpand(column, TRUE);
    return column;
}

static GtkWidget *new_detail(MonPageTasks *self)
{
    self->scroller = gtk_scrolled_window_new();
    self->detail = mon_task_detail_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scroller), self->detail);
    gtk_widget_set_visible(self->scroller, FALSE);
    g_signal_connect(self->detail, "closed", G_CALLBACK(on_closed), self);
    g_signal_connect(self->detail, "copy", G_CALLBACK(on_copy), self);
    return self->scroller;
}

/* Nobody looks any more. */
static void mon_page_tasks_unmap(GtkWidget *widget)
{
    MonPageTasks *self = MON_PAGE_TASKS(widget);
    GTK_WIDGET_CLASS(mon_page_tasks_parent_class)->unmap(widget);
    if (self->index != NULL)
        task_index_rest(self->index);
    g_clear_pointer(&self->scene, task_scene_free);
}

static void mon_page_tasks_dispose(GObject *object)
{
    MonPageTasks *self = MON_PAGE_TASKS(object);
    g_clear_pointer(&self->index, task_index_free);
    g_clear_pointer(&self->scene, task_scene_free);
    choose(self, NULL);
    G_OBJECT_CLASS(mon_page_tasks_parent_class)->dispose(object);
}

static void mon_page_tasks_finalize(GObject *object)
{
    task_picks_clear(&MON_PAGE_TASKS(object)->picks);
    G_OBJECT_CLASS(mon_page_tasks_parent_class)->finalize(object);
}

static void mon_page_tasks_class_init(MonPageTasksClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_page_tasks_dispose;
    G_OBJECT_CLASS(class)->finalize = mon_page_tasks_finalize;
    GTK_WIDGET_CLASS(class)->unmap = mon_page_tasks_unmap;
}

static void mon_page_tasks_init(MonPageTasks *self)
{
    GtkWidget *around = parts_add(GTK_WIDGET(self), gtk_scrolled_window_new()), *box = parts_column(0);
    /* It may become narrower than its parts are: then they stand otherwise. */
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(around), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(around), box);
    gtk_widget_set_hexpand(around, TRUE);
    self->index = task_index_new(on_found, self);
    task_picks_init(&self->picks);
    self->tools = parts_add(box, mon_task_tools_new());
    g_signal_connect(self->tools, "changed", G_CALLBACK(on_asked), self);
    g_signal_connect(self->tools, "renew", G_CALLBACK(on_renew), self);
    self->paned = parts_add(box, gtk_paned_new(GTK_ORIENTATION_HORIZONTAL));
    gtk_paned_set_start_child(GTK_PANED(self->paned), new_list(self));
    gtk_paned_set_end_child(GTK_PANED(self->paned), new_detail(self));
    gtk_paned_set_resize_end_child(GTK_PANED(self->paned), FALSE);
    gtk_paned_set_shrink_start_child(GTK_PANED(self->paned), TRUE);
    gtk_paned_set_shrink_end_child(GTK_PANED(self->paned), FALSE);
    gtk_widget_set_vexpand(self->paned, TRUE);
}

GtkWidget *mon_page_tasks_new(void)
{
    return g_object_new(MON_TYPE_PAGE_TASKS, NULL);
}
