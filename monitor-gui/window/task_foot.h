/* The line below the tasks: how many of them are known and why not more, and a button to save those that are shown. */
#ifndef MPROC_WINDOW_TASK_FOOT_H
#define MPROC_WINDOW_TASK_FOOT_H

#include "window/desk.h"
#include "window/task_counts.h"
#include <gtk/gtk.h>

#define MON_TYPE_TASK_FOOT (mon_task_foot_get_type())
/** Emits "save" when the rows are to be saved. */
G_DECLARE_FINAL_TYPE(MonTaskFoot, mon_task_foot, MON, TASK_FOOT, GtkBox)

GtkWidget *mon_task_foot_new(void);

/** rows: that are shown. stands_ns: as task_foot_words. is_busy: they are being looked for. */
void mon_task_foot_show(MonTaskFoot *self, const struct view *view, guint rows, const struct task_counts *counts,
                        int64_t stands_ns, bool is_busy);

/** Of an order that stands: "Sorted at 14:02:18, and not since. S sorts again". */
struct words task_foot_order(const struct view *view, int64_t stands_ns);

/** What it says, for g_free: "2 of 48 213 tasks · the last 1 000 000 are kept, 12 403 older ones were dropped".
 * stands_ns: since when the rows stand in this order, by the watched process's clock, though it is no longer theirs; 0:
 * it is. */
char *task_foot_words(const struct view *view, guint rows, const struct task_counts *counts, int64_t stands_ns);

#endif
