/* The four series of a pool: throughput, what waits, CPU, memory. */
#ifndef MPROC_WINDOW_CHARTS_H
#define MPROC_WINDOW_CHARTS_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_CHARTS (mon_charts_get_type())
G_DECLARE_FINAL_TYPE(MonCharts, mon_charts, MON, CHARTS, GtkGrid)

GtkWidget *mon_charts_new(void);
void mon_charts_show(MonCharts *self, const struct view *view);

/** In two rows of two, or in one row. */
void mon_charts_arrange(MonCharts *self, bool in_one_row);

#endif
