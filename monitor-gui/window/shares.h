/* What the workers did in a time: which function took how much of them, with how many tasks. The arithmetic, and the
 * rows that show it.
 */
#ifndef MPROC_WINDOW_SHARES_H
#define MPROC_WINDOW_SHARES_H

#include "window/lane_rows.h"
#include <gtk/gtk.h>

/** Functions of their own colour, and all others together. */
#define SHARES (LANE_COLORS + 1)

/** Of so many tasks at most, evenly taken, the median is found. */
#define SHARES_SAMPLE 2048u

struct share {
    double busy_ns; /**< within the time */
    uint64_t tasks; /**< of which some part is within it */
    int64_t p50_ns; /**< of the whole lengths of those that have ended */
    int64_t max_ns; /**< the same, and of those that run so far */
};

struct shares {
    struct share parts[SHARES];
    double idle_ns, whole_ns; /**< of all workers; idle: what is left of the whole */
};

/** span: what is after now, or not known at all, does not count. */
void shares_count(const struct view *view, struct lane_span span, struct shares *ret_shares);

#define MON_TYPE_SHARES (mon_shares_get_type())
G_DECLARE_FINAL_TYPE(MonShares, mon_shares, MON, SHARES, GtkBox)

GtkWidget *mon_shares_new(void);
/** is_range: the user chose that time. */
void mon_shares_show(MonShares *self, const struct view *view, struct lane_span span, bool is_range);

#endif
