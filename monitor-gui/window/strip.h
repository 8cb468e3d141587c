/* Words at times: the axis above the lanes of a timeline, and what is said below them. Those that would stand on others
 * are left out.
 */
#ifndef MPROC_WINDOW_STRIP_H
#define MPROC_WINDOW_STRIP_H

#include "window/lane_span.h"
#include <gtk/gtk.h>

#define MON_TYPE_STRIP (mon_strip_get_type())
G_DECLARE_FINAL_TYPE(MonStrip, mon_strip, MON, STRIP, GtkWidget)

struct strip_word {
    int64_t time_ns;
    double align; /**< 0: begins there, 0.5: around it */
    char text[64];
};

/** height: in pixels. ticks: a line goes down from each word. */
GtkWidget *mon_strip_new(int height, bool has_ticks);

/** words: copied. */
void mon_strip_show(MonStrip *self, struct lane_span span, const struct strip_word *words, guint count);

#endif
