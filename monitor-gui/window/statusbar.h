/* The line at the foot: how it is connected, how much comes, what was lost, how much is kept, and what watching costs.
 */
#ifndef MPROC_WINDOW_STATUSBAR_H
#define MPROC_WINDOW_STATUSBAR_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_STATUSBAR (mon_statusbar_get_type())
G_DECLARE_FINAL_TYPE(MonStatusbar, mon_statusbar, MON, STATUSBAR, GtkBox)

GtkWidget *mon_statusbar_new(void);
/** Says for a few seconds what was done, instead of how it is connected. */
void mon_statusbar_say(MonStatusbar *self, const char *text);
void mon_statusbar_show(MonStatusbar *self, const struct view *view);

#endif
