/* The lanes of a timeline: one per worker, of those that are seen; below each other, as high as they are. */
#ifndef MPROC_WINDOW_LANES_H
#define MPROC_WINDOW_LANES_H

#include "window/lane_look.h"
#include <gtk/gtk.h>

#define MON_TYPE_LANES (mon_lanes_get_type())
G_DECLARE_FINAL_TYPE(MonLanes, mon_lanes, MON, LANES, GtkWidget)

/** What a user does with them. */
struct lanes_listener {
    void (*zoomed)(void *user, double factor, int64_t at_ns);
    void (*moved)(void *user, int64_t from_ns);
    /** A bar, or NULL: none is there. */
    void (*chosen)(void *user, uint32_t worker, const struct bar *bar);
    void (*ranged)(void *user, struct lane_span range);
    void *user;
};

/** adjustment: of what they scroll in. */
GtkWidget *mon_lanes_new(const struct lanes_listener *listener, GtkAdjustment *adjustment);

/** Shows a view, which has a pool, as it is now. */
void mon_lanes_show(MonLanes *self, const struct view *view, const struct lane_look *look);

/** Scrolls to where this worker's lane is seen. */
void mon_lanes_reveal(MonLanes *self, uint32_t worker);

/** How many lanes have to be scrolled to. */
void mon_lanes_count_hidden(MonLanes *self, guint *ret_above, guint *ret_below);

/** How many pixels the time has. */
double mon_lanes_width(MonLanes *self);

/** The time that is shown. */
struct lane_span mon_lanes_span(MonLanes *self);

/** What of the time that is shown is not known: of struct lane_unknown. */
const GArray *mon_lanes_unknown(MonLanes *self);

#endif
