/* The overview: how a pool does, at one look. */
#ifndef MPROC_WINDOW_PAGE_OVERVIEW_H
#define MPROC_WINDOW_PAGE_OVERVIEW_H

#include "window/desk.h"
#include <gtk/gtk.h>

GtkWidget *mon_page_overview_new(void);
void mon_page_overview_show(GtkWidget *page, const struct view *view);

#endif
