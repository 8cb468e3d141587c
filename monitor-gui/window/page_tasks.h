/* The tasks: a table of those that are known, and all that is known of one of them. */
#ifndef MPROC_WINDOW_PAGE_TASKS_H
#define MPROC_WINDOW_PAGE_TASKS_H

#include "window/desk.h"
#include "window/task_question.h"
#include <gtk/gtk.h>

GtkWidget *mon_page_tasks_new(void);
void mon_page_tasks_show(GtkWidget *page, const struct view *view);
void mon_page_tasks_search(GtkWidget *page);
bool mon_page_tasks_escape(GtkWidget *page);
char *mon_page_tasks_copy(GtkWidget *page);
char *mon_page_tasks_remove(GtkWidget *page);
/** Puts the rows in order again, with those that came since. */
void mon_page_tasks_renew(GtkWidget *page);

/** Shows these alone from now on, of all functions and with any text; the failed ones for instance. */
void mon_page_tasks_filter(GtkWidget *page, enum task_filter filter);

/** Saves the rows that are shown as a table. path: NULL asks for a file. */
void mon_page_tasks_save(GtkWidget *page, const char *path);

/** Shows this task and all that is known of it, as soon as the page is seen; of the view's pool. */
void mon_page_tasks_choose(GtkWidget *page, const struct view *view, const struct task_key *key);

#endif
