/* Where a task's time goes: waiting, on its way in, running, on its way back; and what to do about it. */
#ifndef MPROC_WINDOW_SPLIT_H
#define MPROC_WINDOW_SPLIT_H

#include "window/desk.h"
#include <gtk/gtk.h>

enum { SPLIT_WAITS, SPLIT_IN, SPLIT_RUNS, SPLIT_BACK, SPLIT_PARTS };

/** The parts of the time of all tasks of a pool, of one together; false if nothing is known. */
bool split_parts(const struct model_pool *pool, double ret_parts[SPLIT_PARTS]);

/** In words: how much the transport takes, and which chunks would make it little. Returns a text for g_free. */
char *split_advice(const double parts[SPLIT_PARTS]);

#define MON_TYPE_SPLIT (mon_split_get_type())
G_DECLARE_FINAL_TYPE(MonSplit, mon_split, MON, SPLIT, GtkBox)

GtkWidget *mon_split_new(void);
void mon_split_show(MonSplit *self, const struct view *view);

#endif
