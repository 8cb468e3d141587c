/* Why workers died: deaths of one cause and place together, the most frequent first, and of how many inputs they were.
 */
#ifndef MPROC_WINDOW_CAUSES_H
#define MPROC_WINDOW_CAUSES_H

#include "window/worker_rows.h"

#define CAUSES_MAX 4

/** Deaths that have the same to say. */
struct cause {
    const struct record_death *last;
    unsigned count, inputs; /**< inputs: different ones */
};

struct causes {
    struct cause all[CAUSES_MAX];
    size_t count;    /**< of groups, of which the first are there */
    unsigned deaths; /**< in all groups */
};

/** Groups the deaths of the view's pool, as far as they are kept. */
struct causes causes_group(const struct view *view);

#define MON_TYPE_CAUSES (mon_causes_get_type())
/** Emits "chosen" when a cause is clicked. */
G_DECLARE_FINAL_TYPE(MonCauses, mon_causes, MON, CAUSES, GtkBox)

GtkWidget *mon_causes_new(void);
/** Is not seen where nobody died. */
void mon_causes_show(MonCauses *self, const struct view *view);

/** The last that died of the cause that was clicked. */
struct worker_row mon_causes_get_chosen(MonCauses *self);

#endif
