#include "window/table.h"

#include "window/cell.h"
#include "window/parts.h"
#include "window/rows.h"
#include "window/table_columns.h"
#include "window/table_sort.h"

struct _MonTable {
    GtkWidget parent_instance;
    const struct table_column *columns;
    guint count;
    table_fill_fn *fill;
    void *user;
    GtkWidget *scroller, *view;
    MonRows *rows;
    GtkSingleSelection *selection;
    GPtrArray *bound; /* GtkListItem, with "column" */
    struct table_columns *shown;
    bool is_choosing;
};

G_DEFINE_TYPE(MonTable, mon_table, GTK_TYPE_WIDGET)

/* ---- Cells ---- */

#define COLUMN "mproc-column"

static guint column_of(GtkListItem *item)
{
    return GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(item), COLUMN));
}

static void fill_cell(MonTable *self, GtkListItem *item)
{
    struct table_cell shown = { .part = -1 };
    guint column = column_of(item);
    guint row = gtk_list_item_get_position(item);
    if (row < mon_rows_get_count(self->rows))
        self->fill(self->user, row, column, &shown);
    cell_show(gtk_list_item_get_child(item), &self->columns[column], &shown);
}

struct factory {
    MonTable *table;
    guint column;
};

static void on_setup(GtkSignalListItemFactory *made, GtkListItem *item, gpointer data)
{
    (void)made;
    struct factory *factory = data;
    g_object_set_data(G_OBJECT(item), COLUMN, GUINT_TO_POINTER(factory->column));
    gtk_list_item_set_child(item, cell_new(&factory->table->columns[factory->column]));
}

static void on_bind(GtkSignalListItemFactory *made, GtkListItem *item, gpointer data)
{
    (void)made;
    struct factory *factory = data;
    g_ptr_array_add(factory->table->bound, item);
    cell_name(gtk_list_item_get_child(item));
    fill_cell(factory->table, item);
}

static void on_unbind(GtkSignalListItemFactory *made, GtkListItem *item, gpointer data)
{
    (void)made;
    struct factory *factory = data;
    g_ptr_array_remove_fast(factory->table->bound, item);
}

static void free_factory(gpointer data, GClosure *closure)
{
    (void)closure;
    g_free(data);
}

static GtkListItemFactory *new_factory(MonTable *self, guint column)
{
    GtkListItemFactory *made = gtk_signal_list_item_factory_new();
    struct factory *factory = g_new(struct factory, 1);
    *factory = (struct factory){ self, column };
    g_signal_connect(made, "setup", G_CALLBACK(on_setup), factory);
    g_signal_connect(made, "bind", G_CALLBACK(on_bind), factory);
    g_signal_connect_data(made, "unbind", G_CALLBACK(on_unbind), factory, free_factory, 0);
    return made;
}

/* ---- Columns ---- */

/* GTK 4.8 has no alignment for titles. That of a column with bars stands above its texts. */
static void align_title(const struct table_column *column, GtkWidget *box)
{
    if (!column->end || box == NULL)
        return;
    gtk_widget_set_halign(box, GTK_ALIGN_END);
    if (column->kind == TABLE_BAR)
        gtk_widget_set_margin_end(box, CELL_BAR_ROOM);
}

static void align_titles(MonTable *self)
{
    GtkWidget *title = gtk_widget_get_first_child(gtk_widget_get_first_child(self->view));
    for (guint i = 0; title != NULL && i < self->count; title = gtk_widget_get_next_sibling(title), i++) {
        align_title(&self->columns[i], gtk_widget_get_first_child(title));
        parts_set_accessible_label(title, self->columns[i].title);
    }
}

static void add_columns(MonTable *self)
{
    for (guint i = 0; i < self->count; i++) {
        const struct table_column *known = &self->columns[i];
        GtkColumnViewColumn *column = gtk_column_view_column_new(known->title, new_factory(self, i));
        gtk_column_view_column_set_expand(column, known->expand);
        gtk_column_view_append_column(GTK_COLUMN_VIEW(self->view), column);
        g_object_unref(column);
    }
    align_titles(self);
    self->shown = table_columns_new(GTK_COLUMN_VIEW(self->view), self->columns, self->count);
}

void mon_table_remember(MonTable *self, const char *name)
{
    table_columns_remember(self->shown, GTK_WIDGET(self), name);
}

void mon_table_spare(MonTable *self, bool is_spare)
{
    table_columns_spare(self->shown, is_spare);
}

static void on_sorted(GtkSorter *sorter, GtkSorterChange change, MonTable *self)
{
    (void)sorter, (void)change;
    g_signal_emit_by_name(self, "sorted");
}

void mon_table_make_sortable(MonTable *self, guint column, bool is_descending)
{
    table_sort_begin(GTK_COLUMN_VIEW(self->view), column, is_descending);
    for (guint i = 0; i < self->count; i++)
        table_sort_align(GTK_COLUMN_VIEW(self->view), i, self->columns[i].end);
    g_signal_connect_object(gtk_column_view_get_sorter(GTK_COLUMN_VIEW(self->view)), "changed", G_CALLBACK(on_sorted),
                            self, 0);
}

guint mon_table_get_sorted(MonTable *self, bool *ret_descending)
{
    return table_sort_get(GTK_COLUMN_VIEW(self->view), ret_descending);
}

void mon_table_show_column(MonTable *self, guint column, bool is_shown)
{
    table_columns_show(self->shown, column, is_shown);
}

/* ---- The widget ---- */

static void on_selected(GtkSingleSelection *selection, GParamSpec *property, MonTable *self)
{
    (void)selection, (void)property;
    if (!self->is_choosing)
        g_signal_emit_by_name(self, "chosen");
}

static void on_activated(GtkColumnView *view, guint row, MonTable *self)
{
    (void)view;
    mon_table_choose(self, row);
    g_signal_emit_by_name(self, "chosen");
}

static void mon_table_realize(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(mon_table_parent_class)->realize(widget);
    table_columns_scale(MON_TABLE(widget)->shown);
}

static void mon_table_dispose(GObject *object)
{
    MonTable *self = MON_TABLE(object);
    if (self->selection != NULL)
        g_signal_handlers_disconnect_by_data(self->selection, self);
    gtk_widget_insert_action_group(GTK_WIDGET(self), "columns", NULL);
    g_clear_pointer(&self->shown, table_columns_free);
    g_clear_pointer(&self->scroller, gtk_widget_unparent);
    g_clear_object(&self->selection);
    g_clear_object(&self->rows);
    G_OBJECT_CLASS(mon_table_parent_class)->dispose(object);
}

static void mon_table_finalize(GObject *object)
{
    g_ptr_array_unref(MON_TABLE(object)->bound);
    G_OBJECT_CLASS(mon_table_parent_class)->finalize(object);
}

static void mon_table_class_init(MonTableClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_table_dispose;
    G_OBJECT_CLASS(class)->finalize = mon_table_finalize;
    GTK_WIDGET_CLASS(class)->realize = mon_table_realize;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    g_signal_new("chosen", MON_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_signal_new("sorted", MON_TYPE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void mon_table_init(MonTable *self)
{
    self->bound = g_ptr_array_new();
    self->rows = mon_rows_new();
    self->selection = gtk_single_selection_new(G_LIST_MODEL(g_object_ref(self->rows)));
    gtk_single_selection_set_autoselect(self->selection, FALSE);
    gtk_single_selection_set_can_unselect(self->selection, TRUE);
    gtk_single_selection_set_selected(self->selection, TABLE_NO_ROW);
    g_signal_connect(self->selection, "notify::selected", G_CALLBACK(on_selected), self);
    self->view = gtk_column_view_new(GTK_SELECTION_MODEL(g_object_ref(self->selection)));
    g_signal_connect(self->view, "activate", G_CALLBACK(on_activated), self);
    self->scroller = gtk_scrolled_window_new();
    /* Columns as wide as somebody has made them are no reason for a wider window. */
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(self->scroller), self->view);
    gtk_widget_set_parent(self->scroller, GTK_WIDGET(self));
}

GtkWidget *mon_table_new(const struct table_column *columns, guint count, const char *label, table_fill_fn *fill,
                         void *user)
{
    MonTable *self = g_object_new(MON_TYPE_TABLE, NULL);
    self->columns = columns;
    self->count = count;
    self->fill = fill;
    self->user = user;
    add_columns(self);
    parts_set_accessible_label(self->view, label);
    return GTK_WIDGET(self);
}

void mon_table_refresh(MonTable *self, guint rows)
{
    mon_rows_set_count(self->rows, rows);
    for (guint i = 0; i < self->bound->len; i++)
        fill_cell(self, self->bound->pdata[i]);
}

guint mon_table_get_chosen(MonTable *self)
{
    return gtk_single_selection_get_selected(self->selection);
}

void mon_table_choose(MonTable *self, guint row)
{
    if (mon_table_get_chosen(self) == row)
        return;
    self->is_choosing = true;
    gtk_single_selection_set_selected(self->selection, row);
    self->is_choosing = false;
}

void mon_table_set_whole(MonTable *self)
{
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(self->scroller), GTK_POLICY_NEVER, GTK_POLICY_NEVER);
}
