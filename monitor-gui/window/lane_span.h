/* The time that a timeline shows: zooming, panning, the marks of its axis. No widget is known here. */
#ifndef MPROC_WINDOW_LANE_SPAN_H
#define MPROC_WINDOW_LANE_SPAN_H

#include "model/text.h"
#include <stdbool.h>
#include <stddef.h>

/** A time from one moment to a later one. */
struct lane_span {
    int64_t from_ns, to_ns;
};

/** No time that is shown is later, whatever a peer says: there is room to add two of them. */
#define LANE_TIME_MAX (INT64_MAX / 4)

/** No span is shorter. */
#define LANE_SPAN_LEAST INT64_C(10000)

static inline int64_t lane_span_length(struct lane_span span)
{
    return span.to_ns - span.from_ns;
}

/** The span of this length, or of the bounds' if that is less, that begins where it does or as close to it as the
 * bounds allow. */
struct lane_span lane_span_within(struct lane_span bounds, int64_t from_ns, int64_t length_ns);

/** factor times as long, with at_ns staying where it is on the screen. */
struct lane_span lane_span_zoom(struct lane_span span, struct lane_span bounds, double factor, int64_t at_ns);

/** Later by a part of its own length, earlier if that is negative. */
struct lane_span lane_span_pan(struct lane_span span, struct lane_span bounds, double part);

/** How close it is zoomed in: 0 the whole of the bounds, 1 the least span; by the logarithm. And back. */
double lane_span_zoom_of(struct lane_span span, struct lane_span bounds);
int64_t lane_span_length_at(struct lane_span bounds, double zoom);

/** Where a time stands among so many pixels, and the time at a pixel. */
double lane_span_x(struct lane_span span, double width, int64_t time_ns);
int64_t lane_span_time(struct lane_span span, double width, double x);

/* ---- Marks of the axis ---- */

#define LANE_TICKS_MAX 32

struct lane_tick {
    int64_t time_ns;
    struct number_text text;
};

/** Marks at round times of the clock on the wall, so far apart that there is room for their words: the first one is a
 * whole clock, those after it have only what changes. wall_ns: what to add to a time for that since 1970. Returns how
 * many there are. */
size_t lane_span_ticks(struct lane_span span, double width, int64_t wall_ns,
                       struct lane_tick ret_ticks[LANE_TICKS_MAX]);

#endif
