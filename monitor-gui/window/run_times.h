/* How long the tasks of a pool run: all that returned, done or failed, as far as the pool says that; else the last ones
 * that were told of. How long one would have run that was killed, or died, nobody knows: such are counted apart. No
 * widget is known here.
 */
#ifndef MPROC_WINDOW_RUN_TIMES_H
#define MPROC_WINDOW_RUN_TIMES_H

#include "model/words.h"
#include "window/desk.h"
#include "window/scale.h"

void run_times_collect(struct bins *ret_bins, const struct view *view);

/** The attempts that did not return, as their workers died or were killed. */
struct run_losses {
    uint64_t count;
    int64_t longest_ns; /**< that is known for one of them to have run; 0: not known of all */
};
struct run_losses run_times_losses(const struct view *view);

/** "without 3 that died, the longest after 5.00 s"; "" if there is none. */
struct words run_times_without(const struct run_losses *losses);

#endif
