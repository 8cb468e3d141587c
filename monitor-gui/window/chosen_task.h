/* The task that is chosen on the timeline: what it was, when it ran and for how long, how it ended. */
#ifndef MPROC_WINDOW_CHOSEN_TASK_H
#define MPROC_WINDOW_CHOSEN_TASK_H

#include "window/lane_rows.h"
#include <gtk/gtk.h>

#define MON_TYPE_CHOSEN_TASK (mon_chosen_task_get_type())
G_DECLARE_FINAL_TYPE(MonChosenTask, mon_chosen_task, MON, CHOSEN_TASK, GtkBox)

GtkWidget *mon_chosen_task_new(void);
/** is_narrow: there is room for the most important alone. */
void mon_chosen_task_show(MonChosenTask *self, const struct view *view, uint32_t worker, const struct bar *bar,
                          bool is_narrow);

/** All of it in words, to be copied; for g_free. */
char *mon_chosen_task_text(MonChosenTask *self);

#endif
