/* A small bar behind a figure: how far it is on its way to the end. */
#ifndef MPROC_WINDOW_BAR_H
#define MPROC_WINDOW_BAR_H

#include "window/palette.h"

#define MON_TYPE_BAR (mon_bar_get_type())
G_DECLARE_FINAL_TYPE(MonBar, mon_bar, MON, BAR, GtkWidget)

GtkWidget *mon_bar_new(void);
/** part: 0 to 1, below 0 for none; color: of what is filled. */
void mon_bar_set(MonBar *self, double part, enum palette_color color);

/** Another size than that in tables: as wide, where there is room for it. */
void mon_bar_set_size(MonBar *self, int width, int height);

#endif
