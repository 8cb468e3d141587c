/* A line above the figures, when they are not what is: no answer, ended, a recording cut short. */
#ifndef MPROC_WINDOW_NOTICE_H
#define MPROC_WINDOW_NOTICE_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_NOTICE (mon_notice_get_type())
G_DECLARE_FINAL_TYPE(MonNotice, mon_notice, MON, NOTICE, GtkBox)

GtkWidget *mon_notice_new(void);
/** Is not seen when there is nothing to say. next: what there is to go on with. says_deadlocks: that there is one,
 * too. */
void mon_notice_show(MonNotice *self, const struct view *view, const struct view *next, bool says_deadlocks);

#endif
