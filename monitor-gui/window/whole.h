/* All of a run above its timeline: how much was done when, the deaths, and which part of it is shown below. */
#ifndef MPROC_WINDOW_WHOLE_H
#define MPROC_WINDOW_WHOLE_H

#include "window/desk.h"
#include "window/lane_span.h"
#include <gtk/gtk.h>

/** How it went, in parts of equal length. */
struct whole_course {
    struct lane_span span; /**< all of it */
    double rates[REPLAY_PARTS];
    size_t count;
    double covered; /**< how much of the span they cover, from its beginning on; 1: all */
};

/** Of a recording all of it, once that is known; of a process what it did since it is watched. */
void whole_collect(const struct view *view, struct whole_course *ret_course);

#define MON_TYPE_WHOLE (mon_whole_get_type())
G_DECLARE_FINAL_TYPE(MonWhole, mon_whole, MON, WHOLE, GtkWidget)

/** moved: the user wants to see this time. */
GtkWidget *mon_whole_new(void (*moved)(void *user, int64_t time_ns), void *user);
void mon_whole_show(MonWhole *self, const struct view *view, struct lane_span shown);

#endif
