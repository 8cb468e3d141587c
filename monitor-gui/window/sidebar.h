/* The pools that run and the recordings, to choose from. */
#ifndef MPROC_WINDOW_SIDEBAR_H
#define MPROC_WINDOW_SIDEBAR_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_SIDEBAR (mon_sidebar_get_type())
G_DECLARE_FINAL_TYPE(MonSidebar, mon_sidebar, MON, SIDEBAR, GtkBox)

GtkWidget *mon_sidebar_new(MonDesk *desk);

/** Shows how things are now. */
void mon_sidebar_refresh(MonSidebar *self);

#endif
