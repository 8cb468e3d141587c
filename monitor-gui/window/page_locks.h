/* The page of locks and queues: what is held, full or waited for, and who waits for each other. */
#ifndef MPROC_WINDOW_PAGE_LOCKS_H
#define MPROC_WINDOW_PAGE_LOCKS_H

#include "window/desk.h"
#include <gtk/gtk.h>

GtkWidget *mon_page_locks_new(void);
void mon_page_locks_show(GtkWidget *page, const struct view *view);
bool mon_page_locks_escape(GtkWidget *page);
char *mon_page_locks_copy(GtkWidget *page);

#endif
