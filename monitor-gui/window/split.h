/* Where a task's time goes: waiting, on its way in, running, on its way back; and what to do about the ways. */
#ifndef MPROC_WINDOW_SPLIT_H
#define MPROC_WINDOW_SPLIT_H

#include "model/words.h"
#include "window/desk.h"
#include <gtk/gtk.h>

enum { SPLIT_WAITS, SPLIT_IN, SPLIT_RUNS, SPLIT_BACK, SPLIT_PARTS };

/** How long the tasks of a pool wait for a worker on average, 0 if nothing is known of that, and the parts of the time
 * that they take from then on, of one together. Waiting is no part: however little the transport is, a long queue
 * would make it less. */
struct split {
    int64_t wait_ns;
    bool is_waited; /**< it is known: of chunks of maps nobody counts it */
    double parts[SPLIT_PARTS];
};

/** False if nothing is known. */
bool split_of(const struct model_pool *pool, struct split *ret_split);

/** In words: for how long they wait before. */
struct words split_wait(const struct split *split);

/** In words: how much the transport takes, and which chunks would make it little. Returns a text for g_free. */
char *split_advice(const struct split *split);

#define MON_TYPE_SPLIT (mon_split_get_type())
G_DECLARE_FINAL_TYPE(MonSplit, mon_split, MON, SPLIT, GtkBox)

GtkWidget *mon_split_new(void);
void mon_split_show(MonSplit *self, const struct view *view);

#endif
