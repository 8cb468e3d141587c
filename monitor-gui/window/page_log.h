/* The log: what happened, the last first. */
#ifndef MPROC_WINDOW_PAGE_LOG_H
#define MPROC_WINDOW_PAGE_LOG_H

#include "window/desk.h"
#include <gtk/gtk.h>

GtkWidget *mon_page_log_new(void);
void mon_page_log_show(GtkWidget *page, const struct view *view);
void mon_page_log_search(GtkWidget *page);
bool mon_page_log_escape(GtkWidget *page);
char *mon_page_log_copy(GtkWidget *page);
/** Shows the lines that came while others were read. */
void mon_page_log_renew(GtkWidget *page);

/** Saves what is shown as a text. path: NULL asks for a file. */
void mon_page_log_save(GtkWidget *page, const char *path);

#endif
