/* How long the tasks of a pool run: of all of them, as far as the pool says that; else of the last ones that were told
 * of. No widget is known here.
 */
#ifndef MPROC_WINDOW_RUN_TIMES_H
#define MPROC_WINDOW_RUN_TIMES_H

#include "window/desk.h"
#include "window/scale.h"

void run_times_collect(struct bins *ret_bins, const struct view *view);

#endif
