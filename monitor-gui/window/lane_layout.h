/* From the bars of a worker to what is drawn of them: never more pieces than pixels, however many bars there are. No
 * widget is known here.
 *
 * A bar of some pixels is a piece of its own. Smaller ones are put together by column of pixels: how much of it was
 * busy, with which function, and whether something failed.
 */
#ifndef MPROC_WINDOW_LANE_LAYOUT_H
#define MPROC_WINDOW_LANE_LAYOUT_H

#include "model/bars.h"
#include "window/lane_span.h"
#include <glib.h>

/** Bars from so many pixels on stand alone. */
#define LANE_ALONE 3.0
/** How busy a column is: in so many steps, of which the last is the whole of it. */
#define LANE_STEPS 4

struct lane_piece {
    int x, width;
    uint16_t function; /**< of a column that which took more than half of what was busy, if there is one */
    uint8_t busy;      /**< 1 to LANE_STEPS; 0: nothing that can be seen but that something failed */
    bool is_alone;     /**< one bar, which is bar */
    bool has_failed;   /**< it, or one of those that it stands for, did not end well */
    struct bar bar;
};

struct lane_layout;

struct lane_layout *lane_layout_new(void);
void lane_layout_free(struct lane_layout *layout);

/** Begins with an empty lane of so many pixels. */
void lane_layout_begin(struct lane_layout *layout, struct lane_span span, int width);
/** Bars may come in any order; of one worker they do not overlap. */
void lane_layout_add(struct lane_layout *layout, const struct bar *bar);
/** Appends the pieces, of struct lane_piece. */
void lane_layout_end(struct lane_layout *layout, GArray *pieces);

/** How much of the span its bars took. */
double lane_layout_busy_ns(const struct lane_layout *layout);

/** Whether a bar has not ended as its program wanted it to. */
bool lane_bar_has_failed(const struct bar *bar);

/** The bar's time within a span; 0 at least. */
int64_t lane_bar_within(const struct bar *bar, struct lane_span span);

#endif
