/* The keys of the timeline: they work while the focus is on its page, so that arrows go on to move the focus elsewhere.
 */
#ifndef MPROC_WINDOW_TIMELINE_KEYS_H
#define MPROC_WINDOW_TIMELINE_KEYS_H

#include <gtk/gtk.h>
#include <stdbool.h>

enum timeline_key {
    TIMELINE_EARLIER,
    TIMELINE_LATER,
    TIMELINE_IN,
    TIMELINE_OUT,
    TIMELINE_FIT,
    TIMELINE_BEGIN,
    TIMELINE_END,
    TIMELINE_TASK_BEFORE,
    TIMELINE_TASK_BEHIND,
    TIMELINE_LANE_ABOVE,
    TIMELINE_LANE_BELOW,
    TIMELINE_DEATH_BEFORE,
    TIMELINE_DEATH_BEHIND
};

/** Whether it was used. */
typedef bool timeline_key_fn(GtkWidget *page, enum timeline_key key);

/** Has them work, as long as the page is seen, while the focus is on this widget or within it, and of a window also
 * while it is nowhere. */
void timeline_keys_add(GtkWidget *widget, GtkWidget *page, timeline_key_fn *pressed);

#endif
