/* Titles of columns that sort: they say what is wanted, and somebody else does it. */
#ifndef MPROC_WINDOW_TABLE_SORT_H
#define MPROC_WINDOW_TABLE_SORT_H

#include <gtk/gtk.h>
#include <stdbool.h>

/** All columns of the view sort from now on, this one at first. */
void table_sort_begin(GtkColumnView *view, guint column, bool is_descending);

/** The arrow of a column's title stands before the text if that stands at the end, which would move otherwise. */
void table_sort_align(GtkColumnView *view, guint column, bool is_end);

/** By which column, and in which direction, its rows are to be sorted. */
guint table_sort_get(GtkColumnView *view, bool *ret_descending);

/** Dims the arrow in a title, since rows are no longer in that order, which words say; NULL: they are. */
void table_sort_mark(GtkWidget *title, const char *words);

#endif
