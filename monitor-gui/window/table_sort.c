#include "window/table_sort.h"

#include "window/parts.h"

/* GTK 4.8 does not tell by which column a view is sorted. But its sorter asks the one of that column first, with the
 * items that it was given, and turns the answer round if the order is descending: so each column's answers that the
 * first item is smaller, and writes into it which column it is of. */
struct probe {
    guint column;
};

static int note_column(gconstpointer one, gconstpointer other, gpointer column)
{
    (void)other;
    ((struct probe *)one)->column = GPOINTER_TO_UINT(column);
    return GTK_ORDERING_SMALLER;
}

guint table_sort_get(GtkColumnView *view, bool *ret_descending)
{
    struct probe probes[2] = { { 0 }, { 0 } };
    GtkOrdering order = gtk_sorter_compare(gtk_column_view_get_sorter(view), &probes[0], &probes[1]);
    *ret_descending = order == GTK_ORDERING_LARGER;
    return probes[0].column;
}

void table_sort_begin(GtkColumnView *view, guint column, bool is_descending)
{
    GListModel *columns = gtk_column_view_get_columns(view);
    for (guint i = 0; i < g_list_model_get_n_items(columns); i++) {
        g_autoptr(GtkColumnViewColumn) known = g_list_model_get_item(columns, i);
        GtkSorter *sorter = GTK_SORTER(gtk_custom_sorter_new(note_column, GUINT_TO_POINTER(i), NULL));
        gtk_column_view_column_set_sorter(known, sorter);
        g_object_unref(sorter);
        if (i == column)
            gtk_column_view_sort_by_column(view, known, is_descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
    }
}

static GtkWidget *title_at(GtkColumnView *view, guint column)
{
    GtkWidget *title = gtk_widget_get_first_child(gtk_widget_get_first_child(GTK_WIDGET(view)));
    for (guint i = 0; title != NULL && i < column; i++)
        title = gtk_widget_get_next_sibling(title);
    return title;
}

void table_sort_align(GtkColumnView *view, guint column, bool is_end)
{
    GtkWidget *title = title_at(view, column), *box = title != NULL ? gtk_widget_get_first_child(title) : NULL;
    if (!is_end || !GTK_IS_BOX(box))
        return;
    GtkWidget *arrow = gtk_widget_get_last_child(box);
    if (arrow != NULL && arrow != gtk_widget_get_first_child(box))
        gtk_box_reorder_child_after(GTK_BOX(box), arrow, NULL);
}

void table_sort_mark(GtkWidget *title, const char *words)
{
    if (g_strcmp0(parts_get_tooltip(title), words) == 0)
        return;
    parts_toggle_class(title, "unsorted", words != NULL);
    parts_set_tooltip(title, words);
    parts_set_accessible_description(title, words != NULL ? words : "");
}
