/* The timeline: which worker ran what and when, where it died, what is not known; and how much of the time each
 * function took.
 */
#ifndef MPROC_WINDOW_PAGE_TIMELINE_H
#define MPROC_WINDOW_PAGE_TIMELINE_H

#include "window/desk.h"
#include "window/timeline_keys.h"

GtkWidget *mon_page_timeline_new(void);
void mon_page_timeline_show(GtkWidget *page, const struct view *view);
bool mon_page_timeline_escape(GtkWidget *page);
char *mon_page_timeline_copy(GtkWidget *page);

/** Does what a key asks for; false if there was nothing to do. */
bool mon_page_timeline_press(GtkWidget *page, enum timeline_key key);

#endif
