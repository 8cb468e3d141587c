/* What is shown while there is no pool: what to do to see one. */
#ifndef MPROC_WINDOW_PAGE_EMPTY_H
#define MPROC_WINDOW_PAGE_EMPTY_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_PAGE_EMPTY (mon_page_empty_get_type())
G_DECLARE_FINAL_TYPE(MonPageEmpty, mon_page_empty, MON, PAGE_EMPTY, GtkBox)

GtkWidget *mon_page_empty_new(void);
void mon_page_empty_show(MonPageEmpty *self, MonDesk *desk);

#endif
