/* What can be done to several tasks at a time: a line below the table that says how many are chosen, with two
 * buttons. */
#ifndef MPROC_WINDOW_TASK_BULK_H
#define MPROC_WINDOW_TASK_BULK_H

#include "window/task_picks.h"
#include <gtk/gtk.h>

#define MON_TYPE_TASK_BULK (mon_task_bulk_get_type())
G_DECLARE_FINAL_TYPE(MonTaskBulk, mon_task_bulk, MON, TASK_BULK, GtkBox)

GtkWidget *mon_task_bulk_new(void);

/** Shows itself if more than one is chosen. What is asked for is the window's actions cancel-tasks and retry-tasks. */
void mon_task_bulk_show(MonTaskBulk *self, const struct view *view, const struct task_scene *scene,
                        const struct task_picks *picks);

/** The action that cancels those that can be, "win.cancel-tasks([uint64 1, 2])"; for g_free, NULL if there are none. */
char *mon_task_bulk_cancel(MonTaskBulk *self);

#endif
