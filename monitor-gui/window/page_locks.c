#include "window/page_locks.h"

#include "window/deadlock_pane.h"
#include "window/object_detail.h"
#include "window/object_rows.h"
#include "window/object_words.h"
#include "window/parts.h"

/* Of its own width: below there is no room for all columns. */
#define NARROW_WIDTH 820

#define MON_TYPE_PAGE_LOCKS (mon_page_locks_get_type())
G_DECLARE_FINAL_TYPE(MonPageLocks, mon_page_locks, MON, PAGE_LOCKS, GtkBox)

struct _MonPageLocks {
    GtkBox parent_instance;
    GtkWidget *deadlock, *table, *none, *detail;
    struct view view;
    struct object_rates *rates;
    GArray *rows; /* struct object_row */
    uint64_t chosen;
    bool is_open; /* the detail of the chosen one */
};

G_DEFINE_TYPE(MonPageLocks, mon_page_locks, GTK_TYPE_BOX)

static const struct table_column columns[OBJECT_COLUMNS] = {
    [OBJECT_STATE] = { .title = "State", .width = 126, .kind = TABLE_STATE },
    [OBJECT_NAME] = { .title = "Name", .width = 110 },
    [OBJECT_KIND] = { .title = "Kind", .width = 92, .is_spare = true },
    [OBJECT_HELD_BY] = { .title = "Held by", .expand = true },
    [OBJECT_HELD_FOR] = { .title = "Held for", .width = 74, .end = true },
    [OBJECT_WAITERS] = { .title = "Waiters", .width = 74, .end = true },
    [OBJECT_LONGEST] = { .title = "Longest wait", .width = 96, .end = true, .is_spare = true },
    [OBJECT_FILL] = { .title = "Fill", .width = 218, .kind = TABLE_FILL },
    [OBJECT_TAKEN] = { .title = "Taken out", .width = 84, .end = true, .is_spare = true },
    [OBJECT_CONTENDED] = { .title = "Contended", .width = 90, .end = true, .is_spare = true },
};

static void fill(void *user, guint row, guint column, struct table_cell *ret_cell)
{
    MonPageLocks *self = user;
    if (row < self->rows->len && view_renew(&self->view))
        object_row_fill(&self->view, self->rates, &g_array_index(self->rows, struct object_row, row),
                        (enum object_column)column, ret_cell);
}

/* ---- What it shows ---- */

static void show_chosen(MonPageLocks *self)
{
    guint row = self->is_open ? object_rows_find(self->rows, self->chosen) : TABLE_NO_ROW;
    mon_table_choose(MON_TABLE(self->table), row);
    mon_object_detail_show(MON_OBJECT_DETAIL(self->detail), &self->view,
                           row != TABLE_NO_ROW ? objects_find(&self->view.model->objects, self->chosen) : NULL);
}

/* No column is there that must stay empty. */
static void show_columns(MonPageLocks *self)
{
    for (guint i = 0; i < OBJECT_COLUMNS && self->rows->len > 0; i++)
        mon_table_show_column(MON_TABLE(self->table), i,
                              object_rows_have(self->rows, self->view.model, (enum object_column)i));
}

static void refresh(MonPageLocks *self)
{
    struct deadlock deadlocks[DEADLOCKS_SHOWN];
    const struct model *model = self->view.model;
    size_t count = objects_deadlocks(&model->objects, view_now_ns(&self->view), deadlocks, DEADLOCKS_SHOWN);
    object_rates_note(self->rates, model);
    object_rows_collect(self->rows, model, deadlocks, count);
    mon_deadlock_pane_show(MON_DEADLOCK_PANE(self->deadlock), &self->view, deadlocks, count);
    show_columns(self);
    mon_table_refresh(MON_TABLE(self->table), self->rows->len);
    gtk_widget_set_visible(self->none, self->rows->len == 0);
    parts_set_text(self->none, object_none(model, self->view.pool));
    show_chosen(self);
}

static void fit(MonPageLocks *self)
{
    int width = parts_page_width(GTK_WIDGET(self));
    mon_deadlock_pane_fit(MON_DEADLOCK_PANE(self->deadlock), width, self->is_open);
    mon_table_spare(MON_TABLE(self->table), width > 0 && width < NARROW_WIDTH);
}

void mon_page_locks_show(GtkWidget *page, const struct view *view)
{
    MonPageLocks *self = MON_PAGE_LOCKS(page);
    if (self->view.whose != view->whose)
        self->is_open = false;
    self->view = *view;
    refresh(self);
    fit(self);
}

/* ---- What is chosen ---- */

static void on_chosen(MonTable *table, MonPageLocks *self)
{
    guint row = mon_table_get_chosen(table);
    if (!view_renew(&self->view))
        return;
    self->is_open = row < self->rows->len;
    if (self->is_open)
        self->chosen = g_array_index(self->rows, struct object_row, row).object;
    show_chosen(self);
}

bool mon_page_locks_escape(GtkWidget *page)
{
    MonPageLocks *self = MON_PAGE_LOCKS(page);
    bool was_open = self->is_open;
    self->is_open = false;
    if (view_renew(&self->view))
        show_chosen(self);
    return was_open;
}

static void on_closed(MonObjectDetail *detail, MonPageLocks *self)
{
    (void)detail;
    mon_page_locks_escape(GTK_WIDGET(self));
}

/* Of nothing that is chosen the deadlock is what one wants to pass on. */
char *mon_page_locks_copy(GtkWidget *page)
{
    MonPageLocks *self = MON_PAGE_LOCKS(page);
    guint row = self->is_open ? object_rows_find(self->rows, self->chosen) : TABLE_NO_ROW;
    if (row == TABLE_NO_ROW)
        return g_strdup(mon_deadlock_pane_report(MON_DEADLOCK_PANE(self->deadlock)));
    if (!view_renew(&self->view))
        return NULL;
    return object_row_text(&self->view, self->rates, &g_array_index(self->rows, struct object_row, row));
}

/* ---- The page ---- */

static GtkWidget *new_table(MonPageLocks *self)
{
    GtkWidget *overlay = gtk_overlay_new();
    self->table = mon_table_new(columns, OBJECT_COLUMNS, "Locks and queues", fill, self);
    mon_table_remember(MON_TABLE(self->table), "locks");
    g_signal_connect(self->table, "chosen", G_CALLBACK(on_chosen), self);
    self->none = parts_short_label("", "dim");
    gtk_widget_set_halign(self->none, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(self->none, GTK_ALIGN_CENTER);
    gtk_overlay_set_child(GTK_OVERLAY(overlay), self->table);
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), self->none);
    gtk_widget_set_vexpand(overlay, TRUE);
    return overlay;
}

static void mon_page_locks_finalize(GObject *object)
{
    MonPageLocks *self = MON_PAGE_LOCKS(object);
    g_array_unref(self->rows);
    object_rates_free(self->rates);
    G_OBJECT_CLASS(mon_page_locks_parent_class)->finalize(object);
}

static void mon_page_locks_class_init(MonPageLocksClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_page_locks_finalize;
}

static void mon_page_locks_init(MonPageLocks *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    self->rates = object_rates_new();
    self->rows = g_array_new(FALSE, FALSE, sizeof(struct object_row));
    self->deadlock = parts_add(box, mon_deadlock_pane_new());
    parts_add(box, new_table(self));
    self->detail = parts_add(box, mon_object_detail_new());
    g_signal_connect(self->detail, "closed", G_CALLBACK(on_closed), self);
}

GtkWidget *mon_page_locks_new(void)
{
    return g_object_new(MON_TYPE_PAGE_LOCKS, NULL);
}
