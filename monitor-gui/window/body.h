/* What the window shows beside its sidebar: the pages of a pool, or a word on why there is none to be shown. */
#ifndef MPROC_WINDOW_BODY_H
#define MPROC_WINDOW_BODY_H

#include "window/dots.h"
#include <gtk/gtk.h>

#define MON_TYPE_BODY (mon_body_get_type())
G_DECLARE_FINAL_TYPE(MonBody, mon_body, MON, BODY, GtkBox)

GtkWidget *mon_body_new(void);

void mon_body_show(MonBody *self, MonDesk *desk, const struct view *view);

/** Whether that view is shown on pages. */
bool mon_body_has_pages(const struct view *view);

/** The stack of the pages, and the page that is seen of it: an index of pages. */
GtkStack *mon_body_get_stack(MonBody *self);
size_t mon_body_get_index(MonBody *self);
GtkWidget *mon_body_get_page(MonBody *self);
GtkWidget *mon_body_get_scrub(MonBody *self);
const struct dots *mon_body_get_dots(MonBody *self);

#endif
