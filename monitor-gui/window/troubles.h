/* What is slow and what has failed, by name, the last first. */
#ifndef MPROC_WINDOW_TROUBLES_H
#define MPROC_WINDOW_TROUBLES_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_TROUBLES (mon_troubles_get_type())
G_DECLARE_FINAL_TYPE(MonTroubles, mon_troubles, MON, TROUBLES, GtkBox)

GtkWidget *mon_troubles_new(void);
void mon_troubles_show(MonTroubles *self, const struct view *view);

#endif
