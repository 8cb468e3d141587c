/* The pane beside the tasks: all that is known of one. */
#ifndef MPROC_WINDOW_TASK_DETAIL_H
#define MPROC_WINDOW_TASK_DETAIL_H

#include "window/desk.h"
#include "window/task_scene.h"
#include <gtk/gtk.h>

#define MON_TYPE_TASK_DETAIL (mon_task_detail_get_type())
/** Emits "closed" when it is to be closed, and "copy" when its text is to be copied. */
G_DECLARE_FINAL_TYPE(MonTaskDetail, mon_task_detail, MON, TASK_DETAIL, GtkBox)

GtkWidget *mon_task_detail_new(void);
void mon_task_detail_show(MonTaskDetail *self, const struct view *view, const struct task_scene *scene,
                          const struct model_task *task);

#endif
