/* The circle of a deadlock: each thread waits for what the next one holds, and the last for what the first one does. */
#ifndef MPROC_WINDOW_CIRCLE_H
#define MPROC_WINDOW_CIRCLE_H

#include "window/deadlock_text.h"
#include <gtk/gtk.h>

#define MON_TYPE_CIRCLE (mon_circle_get_type())
G_DECLARE_FINAL_TYPE(MonCircle, mon_circle, MON, CIRCLE, GtkWidget)

GtkWidget *mon_circle_new(void);
/** count: of nodes; of none nothing is seen. */
void mon_circle_show(MonCircle *self, const struct circle_node *nodes, size_t count);

#endif
