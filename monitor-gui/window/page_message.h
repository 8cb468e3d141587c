/* What is shown of something that cannot be shown: why, and what to do. */
#ifndef MPROC_WINDOW_PAGE_MESSAGE_H
#define MPROC_WINDOW_PAGE_MESSAGE_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_PAGE_MESSAGE (mon_page_message_get_type())
G_DECLARE_FINAL_TYPE(MonPageMessage, mon_page_message, MON, PAGE_MESSAGE, GtkBox)

GtkWidget *mon_page_message_new(void);
void mon_page_message_show(MonPageMessage *self, const struct view *view);

#endif
