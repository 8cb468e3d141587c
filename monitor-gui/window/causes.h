/* Why workers died: deaths of one cause, place and input together, the most frequent first. */
#ifndef MPROC_WINDOW_CAUSES_H
#define MPROC_WINDOW_CAUSES_H

#include "window/worker_rows.h"

#define CAUSES_MAX 4

/** Deaths that have the same to say. */
struct cause {
    const struct record_death *last;
    unsigned count;
};

/** Groups the deaths of the view's pool; returns how many groups there are, of which the first are written. */
size_t causes_group(const struct view *view, struct cause ret_causes[CAUSES_MAX]);

#define MON_TYPE_CAUSES (mon_causes_get_type())
/** Emits "chosen" when a cause is clicked. */
G_DECLARE_FINAL_TYPE(MonCauses, mon_causes, MON, CAUSES, GtkBox)

GtkWidget *mon_causes_new(void);
/** Is not seen where nobody died. */
void mon_causes_show(MonCauses *self, const struct view *view);

/** The last that died of the cause that was clicked. */
struct worker_row mon_causes_get_chosen(MonCauses *self);

#endif
