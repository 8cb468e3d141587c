/* How the things of a timeline are drawn, each by itself: bars, deaths, what is not known, what stands at the head of a
 * lane.
 */
#ifndef MPROC_WINDOW_LANE_DRAW_H
#define MPROC_WINDOW_LANE_DRAW_H

#include "window/canvas.h"
#include "window/lane_look.h"

/** Where things stand: the head of each lane, and the room that is left at the other end. */
#define LANE_HEAD 150
#define LANE_END  16
/** How high a lane is, and how high it is at least, where there is little room for all of them. */
#define LANE_HEIGHT 44
#define LANE_LEAST  31
/** And where all of them are seen for that: what is said of its worker stands in one line. */
#define LANE_LOW 22

/** What all of a drawing has in common. only: the group of functions that is not dimmed, and 1;
 * 0: none is. */
struct lane_drawing {
    GtkWidget *widget;
    GtkSnapshot *snapshot;
    const struct view *view; /**< renewed */
    const struct lane_keys *keys;
    struct lane_span span;
    double width; /**< of the plot */
    int lane;     /**< height of one */
    uint32_t only;
};

/** All lanes that are here, with what lies over them; height: of the lanes, those that are not here included. */
void lane_draw_all(const struct lane_drawing *drawing, const struct lane_rows *rows, const struct lane_look *look,
                   double height);

/** How high lanes are to be, so many of them in so much room: all are seen at once if there is room for that, else as
 * many whole ones as can be. */
int lane_height(int room, int count);

/** Where the mark of a death begins: on its line, or behind it where there is room for that; below 0: not here. */
double lane_death_mark(struct lane_span span, double width, const struct lane_death *death);

/** Where on a plot words can stand that are to stand between from and to: the wider part of it beside what is hatched
 * in the lane of that worker. unknown: of struct lane_unknown. */
struct lane_room {
    double from, to;
};
struct lane_room lane_room_for_words(struct lane_span span, double width, const GArray *unknown, uint32_t worker,
                                     struct lane_room room);

/** A square in a function's colour, with its letter, where a legend names it. */
void lane_draw_key(GtkWidget *widget, GtkSnapshot *snapshot, const struct lane_key *key, double size);

#endif
