/* A deadlock, said before it is drawn: who waits for whom, what to do about it, and the circle. */
#ifndef MPROC_WINDOW_DEADLOCK_PANE_H
#define MPROC_WINDOW_DEADLOCK_PANE_H

#include "window/desk.h"
#include <gtk/gtk.h>

#define MON_TYPE_DEADLOCK_PANE (mon_deadlock_pane_get_type())
G_DECLARE_FINAL_TYPE(MonDeadlockPane, mon_deadlock_pane, MON, DEADLOCK_PANE, GtkBox)

GtkWidget *mon_deadlock_pane_new(void);

/** deadlocks: count of them, of this moment; without any it is not seen. */
void mon_deadlock_pane_show(MonDeadlockPane *self, const struct view *view, const struct deadlock *deadlocks,
                            size_t count);

/** Has the circle stand beside the words if there is room in that width, else below them; there it is left out if
 * is_low, for what is below has more to say. */
void mon_deadlock_pane_fit(MonDeadlockPane *self, int width, bool is_low);

/** What was shown last, as lines; NULL if nothing was. Good until the next call. */
const char *mon_deadlock_pane_report(MonDeadlockPane *self);

#endif
