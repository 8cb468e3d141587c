/* The workers: those that live, those that died, and of one of them why. */
#ifndef MPROC_WINDOW_PAGE_WORKERS_H
#define MPROC_WINDOW_PAGE_WORKERS_H

#include "window/desk.h"
#include <gtk/gtk.h>

GtkWidget *mon_page_workers_new(void);
void mon_page_workers_show(GtkWidget *page, const struct view *view);
/** Opens the certificate of this death, of the view's pool. */
void mon_page_workers_choose(GtkWidget *page, const struct view *view, const struct record_death *death);
bool mon_page_workers_escape(GtkWidget *page);
char *mon_page_workers_copy(GtkWidget *page);
char *mon_page_workers_remove(GtkWidget *page);

#endif
