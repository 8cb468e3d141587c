/* The table twin of a chart: its numbers as a table in a window of its own, for whoever reads numbers rather than
 * pictures. It is opened by the chart's menu, or with Enter while the chart has the focus, and goes on with the chart.
 */
#ifndef MPROC_WINDOW_TWIN_H
#define MPROC_WINDOW_TWIN_H

#include "window/table.h"

/** What a kind of chart has to say. */
struct twin_kind {
    const struct table_column *columns;
    guint column_count;
    /** How many rows there are now; asked before each round of fill. */
    guint (*rows)(GtkWidget *chart);
    void (*fill)(GtkWidget *chart, guint row, guint column, struct table_cell *ret_cell);
    /** What it is of; for g_free. */
    char *(*title)(GtkWidget *chart);
};

/** Gives a chart its menu and keys, once. kind stays. */
void twin_add(GtkWidget *chart, const struct twin_kind *kind);

/** The chart shows something else: so does its twin, if there is one. */
void twin_changed(GtkWidget *chart);

/** Opens it, or brings it to the front. */
void twin_open(GtkWidget *chart);

/** All of it as text, a line per row with tabs between cells; for g_free. */
char *twin_text(GtkWidget *chart);

#endif
