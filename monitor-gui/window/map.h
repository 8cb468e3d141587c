/* A recording as a whole: tasks per time, deaths, and where events were lost. */
#ifndef MPROC_WINDOW_MAP_H
#define MPROC_WINDOW_MAP_H

#include "window/replay.h"
#include <gtk/gtk.h>

#define MON_TYPE_MAP (mon_map_get_type())
G_DECLARE_FINAL_TYPE(MonMap, mon_map, MON, MAP, GtkWidget)

#define MAP_NO_SHAPE (-1000.0)

/** How much was done when. */
GtkWidget *mon_map_new(void);
/** The deaths and losses, for above whatever stands on that: it would tint them. */
GtkWidget *mon_map_new_marks(void);
/** The recording that is shown, which stays as long as it is; NULL: none. */
void mon_map_show(MonMap *self, const struct replay *replay);

/** What such a picture is made of, with its corner at 0, 0: a line of how much was done, filled below; a loss, and a
 * death. shape_x: where the last death's shape is, MAP_NO_SHAPE at first; of some that stand close one has it. */
void map_draw_work(cairo_t *cairo, const double *rates, size_t count, double width, double height, const GdkRGBA *color,
                   float fill);
void map_draw_loss(cairo_t *cairo, double x, double height);
void map_draw_death(cairo_t *cairo, double x, double height, double *shape_x);

#endif
