/* The tool bar over the tasks: a text to look for, which of them, of which function; and how many are new. */
#ifndef MPROC_WINDOW_TASK_TOOLS_H
#define MPROC_WINDOW_TASK_TOOLS_H

#include "window/desk.h"
#include "window/task_counts.h"
#include "window/task_index.h"
#include <gtk/gtk.h>

#define MON_TYPE_TASK_TOOLS (mon_task_tools_get_type())
/** Emits "changed" when something else is asked for, and "renew" when what is new is to be shown. */
G_DECLARE_FINAL_TYPE(MonTaskTools, mon_task_tools, MON, TASK_TOOLS, GtkBox)

GtkWidget *mon_task_tools_new(void);

/** Shows the functions of the view's pool, how many tasks there are of each group, how many are new, and whether rows
 * are sorted. */
void mon_task_tools_show(MonTaskTools *self, const struct view *view, const struct task_counts *counts,
                         const struct task_news *news, bool is_sorted);

/** "12 new, 1 failed". */
struct words task_tools_news(const struct task_news *news);

/** In two rows, where there is no room for one. */
void mon_task_tools_set_narrow(MonTaskTools *self, bool is_narrow);

/** What is asked for: filter, function and text, which stays the widget's. */
void mon_task_tools_read(MonTaskTools *self, struct task_question *question);

/** Asks for these from now on, as if the user had; and for all, which returns false if that was so already. */
void mon_task_tools_filter(MonTaskTools *self, enum task_filter filter);
bool mon_task_tools_clear(MonTaskTools *self);

void mon_task_tools_search(MonTaskTools *self);

#endif
