/* The bar of where a task's time goes, and the keys of its legend. */
#ifndef MPROC_WINDOW_SPLIT_BAR_H
#define MPROC_WINDOW_SPLIT_BAR_H

#include "window/split.h"

#define MON_TYPE_SPLIT_BAR (mon_split_bar_get_type())
G_DECLARE_FINAL_TYPE(MonSplitBar, mon_split_bar, MON, SPLIT_BAR, GtkWidget)

GtkWidget *mon_split_bar_new(void);
/** A square with the look of one part. */
GtkWidget *mon_split_key_new(int part);
void mon_split_bar_show(MonSplitBar *self, const double parts[SPLIT_PARTS]);

#endif
