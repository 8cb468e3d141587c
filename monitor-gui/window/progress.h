/* How far the maps of a pool are, the last ones; of a pool without any what it runs. */
#ifndef MPROC_WINDOW_PROGRESS_H
#define MPROC_WINDOW_PROGRESS_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_PROGRESS (mon_progress_get_type())
G_DECLARE_FINAL_TYPE(MonProgress, mon_progress, MON, PROGRESS, GtkBox)

GtkWidget *mon_progress_new(void);
/** Whether there is so little room that only two rows are shown, and of the others how many they are. */
void mon_progress_spare(MonProgress *self, bool is_spare);
void mon_progress_show(MonProgress *self, const struct view *view);

#endif
