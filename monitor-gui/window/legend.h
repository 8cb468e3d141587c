/* The functions of a pool with their colours and letters on the timeline. A click on one dims all others. */
#ifndef MPROC_WINDOW_LEGEND_H
#define MPROC_WINDOW_LEGEND_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_LEGEND (mon_legend_get_type())
/** Emits "chosen" when another function is not to be dimmed. */
G_DECLARE_FINAL_TYPE(MonLegend, mon_legend, MON, LEGEND, GtkBox)

GtkWidget *mon_legend_new(void);
void mon_legend_show(MonLegend *self, const struct view *view);

/** The group of functions that is not dimmed (lane_group_of), and 1; 0: none is. */
uint32_t mon_legend_get_only(MonLegend *self);

#endif
