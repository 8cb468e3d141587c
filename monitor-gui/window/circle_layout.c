#include "window/circle_layout.h"

size_t circle_columns(size_t count)
{
    return count <= 2 ? 2 : count / 2;
}

static int width_with(size_t count, int box, int gap)
{
    int columns = (int)circle_columns(count);
    return columns * box + (columns - 1) * gap;
}

int circle_width(size_t count)
{
    return width_with(count, CIRCLE_BOX_WIDTH, CIRCLE_GAP);
}

int circle_least_width(size_t count)
{
    return width_with(count, CIRCLE_BOX_LEAST, CIRCLE_GAP_LEAST);
}

int circle_height(size_t count)
{
    return count <= 2 ? CIRCLE_BOX_HEIGHT : 2 * CIRCLE_BOX_HEIGHT + CIRCLE_ROW_GAP;
}

/* How much of the way from the least to the full width there is room for: 0 to 1. */
static double room(size_t count, double width)
{
    double least = circle_least_width(count), full = circle_width(count);
    double part = (width - least) / (full - least);
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

struct circle_box circle_place(size_t count, size_t index, double width)
{
    size_t columns = circle_columns(count), row = index / columns;
    size_t column = row == 0 ? index : 2 * columns - 1 - index;
    double part = room(count, width);
    double box = CIRCLE_BOX_LEAST + part * (CIRCLE_BOX_WIDTH - CIRCLE_BOX_LEAST);
    double gap = CIRCLE_GAP_LEAST + part * (CIRCLE_GAP - CIRCLE_GAP_LEAST);
    double used = (double)columns * box + (double)(columns - 1) * gap;
    double begin = width > used ? (width - used) / 2 : 0;
    return (struct circle_box){ begin + (double)column * (box + gap),
                                (double)row * (CIRCLE_BOX_HEIGHT + CIRCLE_ROW_GAP), box, CIRCLE_BOX_HEIGHT };
}
