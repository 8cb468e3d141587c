/* How the things of a timeline are drawn, each by itself: bars, deaths, what is not known, what stands at the head of a
 * lane.
 */
#ifndef MPROC_WINDOW_LANE_DRAW_H
#define MPROC_WINDOW_LANE_DRAW_H

#include "window/canvas.h"
#include "window/lane_rows.h"

/** Where things stand: the head of each lane, and the room that is left at the other end. */
#define LANE_HEAD   150
#define LANE_END    16
#define LANE_HEIGHT 44
#define LANE_BAR    29
#define LANE_TOP    8 /**< of a bar, in its lane */

/** What all of a drawing has in common. only: the group of functions that is not dimmed, and 1;
 * 0: none is. */
struct lane_drawing {
    GtkWidget *widget;
    GtkSnapshot *snapshot;
    const struct view *view; /**< renewed */
    const struct lane_keys *keys;
    struct lane_span span;
    double width; /**< of the plot */
    uint32_t only;
};

/** y: of the top of the lane. */
void lane_draw_head(const struct lane_drawing *drawing, const struct lane_row *row, double y);
void lane_draw_piece(const struct lane_drawing *drawing, uint32_t worker, const struct lane_piece *piece, double y);
void lane_draw_death(const struct lane_drawing *drawing, const struct lane_death *death, double y);

/** The outline of a chosen bar, and before it a line for as long as it waited. */
void lane_draw_chosen(const struct lane_drawing *drawing, const struct bar *bar, double y);

/** A band over so many pixels from y on. */
void lane_draw_unknown(const struct lane_drawing *drawing, const struct lane_unknown *unknown, double y, double height);
void lane_draw_range(const struct lane_drawing *drawing, struct lane_span range, double height);

/** A square in a function's colour, with its letter, where a legend names it. */
void lane_draw_key(GtkWidget *widget, GtkSnapshot *snapshot, const struct lane_key *key, double size);

#endif
