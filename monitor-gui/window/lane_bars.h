/* Questions of a timeline to the bars of a pool: which of its workers ran what, and how much of a time is known. No
 * widget is known here. Views have a pool.
 */
#ifndef MPROC_WINDOW_LANE_BARS_H
#define MPROC_WINDOW_LANE_BARS_H

#include "window/desk.h"
#include "window/lane_layout.h"

/** What to add to a time of the process for that since 1970; 0 if it makes no sense. */
int64_t lane_wall_ns(const struct view *view);

/** Whether the process is connected, and says nothing: what it did since model.heard_ns is not known. */
bool lane_is_silent(const struct view *view);

/** How much of a span is known. */
int64_t lane_known_ns(const struct view *view, struct lane_span span);

/** How many workers there are to show. */
guint lane_worker_count(const struct view *view);

/** As enum record_end: it ran when its pool ended, and what became of it was not told. */
#define LANE_END_UNTOLD 255

/** As bars_next, of what was so at the moment that is shown: what began later is left out, and what ended later still
 * runs, in room. */
const struct bar *lane_next_bar(const struct view *view, struct bars_walk *walk, struct bar *room,
                                uint32_t *ret_worker);

/** The bar that a worker runs now, or ran when its pool ended; false if it runs none. */
bool lane_running_bar(const struct view *view, uint32_t worker, struct bar *ret_bar);

/** The bar of a worker that took most of a time; false if there is none. */
bool lane_bar_at(const struct view *view, uint32_t worker, struct lane_span span, struct bar *ret_bar);

/** The bar of a worker that begins next behind, or before, a time. */
bool lane_bar_beside(const struct view *view, uint32_t worker, int64_t begin_ns, int direction, struct bar *ret_bar);

#endif
