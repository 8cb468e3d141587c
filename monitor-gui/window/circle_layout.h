/* Where the nodes of a circle stand: on two rows, the first from left to right, the second back. */
#ifndef MPROC_WINDOW_CIRCLE_LAYOUT_H
#define MPROC_WINDOW_CIRCLE_LAYOUT_H

#include <stddef.h>

#define CIRCLE_BOX_HEIGHT 44
#define CIRCLE_BOX_WIDTH  168
#define CIRCLE_BOX_LEAST  118
#define CIRCLE_GAP        110 /* between columns: room for a word on an arrow */
#define CIRCLE_GAP_LEAST  72
#define CIRCLE_ROW_GAP    24

struct circle_box {
    double x, y, width, height;
};

/** count: of nodes, even. Two of them stand side by side. */
size_t circle_columns(size_t count);

/** The width that it would like to have, and that it needs; its height is circle_height's. */
int circle_width(size_t count);
int circle_least_width(size_t count);
int circle_height(size_t count);

/** The box of the index-th of count nodes, in a place of that width: in the middle if it is wider than needed. */
struct circle_box circle_place(size_t count, size_t index, double width);

#endif
