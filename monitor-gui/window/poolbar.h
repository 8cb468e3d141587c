/* The bar above all pages: which pool this is, how it is, and what can be done with it. */
#ifndef MPROC_WINDOW_POOLBAR_H
#define MPROC_WINDOW_POOLBAR_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_POOLBAR (mon_poolbar_get_type())
G_DECLARE_FINAL_TYPE(MonPoolbar, mon_poolbar, MON, POOLBAR, GtkBox)

GtkWidget *mon_poolbar_new(void);
void mon_poolbar_show(MonPoolbar *self, const struct view *view);

#endif
