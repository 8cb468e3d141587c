/* Where a task's time went: a bar of its parts, their lengths, and when it came, began and ended. */
#ifndef MPROC_WINDOW_TASK_TIME_H
#define MPROC_WINDOW_TASK_TIME_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_TASK_TIME (mon_task_time_get_type())
G_DECLARE_FINAL_TYPE(MonTaskTime, mon_task_time, MON, TASK_TIME, GtkBox)

GtkWidget *mon_task_time_new(void);
void mon_task_time_show(MonTaskTime *self, const struct view *view, const struct model_task *task);

#endif
