/* The six figures of a pool: busy, waiting, throughput, done, failed, time left. */
#ifndef MPROC_WINDOW_FIGURES_H
#define MPROC_WINDOW_FIGURES_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_FIGURES (mon_figures_get_type())
G_DECLARE_FINAL_TYPE(MonFigures, mon_figures, MON, FIGURES, GtkBox)

GtkWidget *mon_figures_new(void);
void mon_figures_show(MonFigures *self, const struct view *view);

#endif
