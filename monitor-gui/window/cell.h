/* The widgets of a table's cell. */
#ifndef MPROC_WINDOW_CELL_H
#define MPROC_WINDOW_CELL_H

#include "window/table.h"

/** What a bar takes behind its text. */
#define CELL_BAR_ROOM 52

/** Makes the widgets of a cell of this column. */
GtkWidget *cell_new(const struct table_column *column);

/** Names what GTK has put around them, once they are in a table. */
void cell_name(GtkWidget *cell);

/** Has them show something. */
void cell_show(GtkWidget *cell, const struct table_column *column, const struct table_cell *shown);

#endif
