/* The last 40 seconds of a pool's throughput, as small as a word. */
#ifndef MPROC_WINDOW_SPARKLINE_H
#define MPROC_WINDOW_SPARKLINE_H

#include "model/pools.h"
#include <gtk/gtk.h>

#define MON_TYPE_SPARKLINE (mon_sparkline_get_type())
G_DECLARE_FINAL_TYPE(MonSparkline, mon_sparkline, MON, SPARKLINE, GtkWidget)

GtkWidget *mon_sparkline_new(void);
/** pool: NULL for nothing. is_live: it goes on, in the colour of what runs. */
void mon_sparkline_show(MonSparkline *self, const struct model_pool *pool, bool is_live);

#endif
