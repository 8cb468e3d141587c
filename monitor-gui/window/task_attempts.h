/* The attempts of a task, each in a line; of one that died with its worker that leads to the certificate. */
#ifndef MPROC_WINDOW_TASK_ATTEMPTS_H
#define MPROC_WINDOW_TASK_ATTEMPTS_H

#include "window/task_look.h"
#include <gtk/gtk.h>

#define MON_TYPE_TASK_ATTEMPTS (mon_task_attempts_get_type())
G_DECLARE_FINAL_TYPE(MonTaskAttempts, mon_task_attempts, MON, TASK_ATTEMPTS, GtkBox)

GtkWidget *mon_task_attempts_new(void);
void mon_task_attempts_show(MonTaskAttempts *self, const struct model *model, const struct task_scene *scene,
                            const struct model_task *task);

#endif
