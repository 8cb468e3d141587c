/* How long tasks ran: how many of them in each bin, with the percentiles. */
#ifndef MPROC_WINDOW_HISTOGRAM_H
#define MPROC_WINDOW_HISTOGRAM_H

#include "window/scale.h"
#include <gtk/gtk.h>

#define MON_TYPE_HISTOGRAM (mon_histogram_get_type())
G_DECLARE_FINAL_TYPE(MonHistogram, mon_histogram, MON, HISTOGRAM, GtkWidget)

GtkWidget *mon_histogram_new(void);
/** none: what it says if there is nothing in the bins. */
void mon_histogram_show(MonHistogram *self, const struct bins *bins, const char *none);

#endif
