/* What of a timeline is looked at: which time, which task, which range; and how that changes with the clock and with
 * what a user does. No widget is known here.
 */
#ifndef MPROC_WINDOW_LANE_LOOK_H
#define MPROC_WINDOW_LANE_LOOK_H

#include "window/lane_rows.h"

struct lane_look {
    struct lane_span span;
    struct lane_span range; /**< that was chosen; empty if none was */
    uint32_t only;          /**< the group of functions that is not dimmed, and 1; 0: none is */
    bool is_chosen;         /**< a task: that of worker and bar */
    uint32_t worker;
    struct bar bar;
    bool follows;     /**< the span ends now */
    bool is_settled;  /**< how long it is does not change by itself any more */
    int64_t first_ns; /**< how long it is, or was, at first */
};

/** The one to begin with: it follows. */
void lane_look_begin(struct lane_look *look);

/** Time has gone on: what follows does so, and a chosen task that ran may have ended. All below need a view with a
 * pool, as it is now, and a look that was renewed once. */
void lane_look_renew(struct lane_look *look, const struct view *view);

/** All that can be looked at. */
struct lane_span lane_look_bounds(const struct lane_look *look, const struct view *view);

void lane_look_follow(struct lane_look *look, const struct view *view, bool follows);
/** factor times as long, with at_ns staying where it is. */
void lane_look_zoom(struct lane_look *look, const struct view *view, double factor, int64_t at_ns);
/** The same where the user has not said what is to stay: the end of what follows, else the middle. */
void lane_look_zoom_by(struct lane_look *look, const struct view *view, double factor);
/** As close as lane_span_zoom_of says it. */
void lane_look_zoom_to(struct lane_look *look, const struct view *view, double zoom);
void lane_look_fit(struct lane_look *look, const struct view *view);
/** To begin there, or to have that in the middle; it follows no more. */
void lane_look_move(struct lane_look *look, const struct view *view, int64_t from_ns);
void lane_look_around(struct lane_look *look, const struct view *view, int64_t time_ns);
/** Later by a part of its length. */
void lane_look_pan(struct lane_look *look, const struct view *view, double part);
/** To where all that is known begins. */
void lane_look_begin_of_all(struct lane_look *look, const struct view *view);

/** NULL: none. */
void lane_look_choose(struct lane_look *look, uint32_t worker, const struct bar *bar);
/** The task behind the chosen one, or before it; what ran in the lane below or above meanwhile. If none is chosen the
 * last one that is seen. False if there is none. */
bool lane_look_choose_beside(struct lane_look *look, const struct view *view, int direction);
bool lane_look_choose_lane(struct lane_look *look, const struct view *view, int direction);

/** To the next death, or the one before; false if there is none. */
bool lane_look_death(struct lane_look *look, const struct view *view, int direction);

#endif
