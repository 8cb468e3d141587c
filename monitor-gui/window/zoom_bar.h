/* How much time the timeline shows, and the buttons that change it. */
#ifndef MPROC_WINDOW_ZOOM_BAR_H
#define MPROC_WINDOW_ZOOM_BAR_H

#include "window/lane_span.h"
#include <gtk/gtk.h>

#define MON_TYPE_ZOOM_BAR (mon_zoom_bar_get_type())
G_DECLARE_FINAL_TYPE(MonZoomBar, mon_zoom_bar, MON, ZOOM_BAR, GtkBox)

/** What a user asks for. */
struct zoom_listener {
    void (*zoomed)(void *user, double factor);
    void (*set)(void *user, double zoom); /**< as lane_span_zoom_of says it */
    void (*fitted)(void *user);
    void (*followed)(void *user, bool follows);
    void *user;
};

GtkWidget *mon_zoom_bar_new(const struct zoom_listener *listener);
/** is_narrow: there is room for the buttons alone. */
void mon_zoom_bar_show(MonZoomBar *self, struct lane_span span, struct lane_span bounds, bool follows, bool is_narrow);

/** By so much one step of a button or a key zooms. */
#define ZOOM_BAR_STEP 2.0

#endif
