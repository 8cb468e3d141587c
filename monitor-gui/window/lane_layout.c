#include "window/lane_layout.h"

#include <math.h>

/* Of a pixel: what a bar without any length takes, and what sums of parts may be wrong by. */
#define LEAST_PART 1e-4
#define ROUNDING   1e-3

struct column {
    float busy;  /* of a pixel */
    float ahead; /* by how much function leads all others together, as far as one can tell */
    uint16_t function;
    bool has_failed;
    bool is_taken; /* a bar that stands alone is there */
};

struct lane_layout {
    struct lane_span span;
    double scale; /* pixels per nanosecond */
    int width, room;
    struct column *columns;
    GArray *alone; /* struct lane_piece */
    double busy_ns;
};

struct lane_layout *lane_layout_new(void)
{
    struct lane_layout *layout = g_new0(struct lane_layout, 1);
    layout->alone = g_array_new(FALSE, FALSE, sizeof(struct lane_piece));
    return layout;
}

void lane_layout_free(struct lane_layout *layout)
{
    g_array_unref(layout->alone);
    g_free(layout->columns);
    g_free(layout);
}

void lane_layout_begin(struct lane_layout *layout, struct lane_span span, int width)
{
    layout->span = span;
    layout->width = MAX(width, 0);
    layout->busy_ns = 0;
    layout->scale = layout->width / (double)lane_span_length(span);
    if (layout->width > layout->room) {
        layout->room = layout->width;
        layout->columns = g_renew(struct column, layout->columns, layout->room);
    }
    if (layout->width > 0)
        memset(layout->columns, 0, (size_t)layout->width * sizeof *layout->columns);
    g_array_set_size(layout->alone, 0);
}

bool lane_bar_has_failed(const struct bar *bar)
{
    return bar->end == RECORD_END_FAILED || bar->end == RECORD_END_DIED || bar->end == RECORD_END_LIMIT ||
           bar->end == RECORD_END_RETRIED;
}

int64_t lane_bar_within(const struct bar *bar, struct lane_span span)
{
    int64_t from_ns = MAX(bar->begin_ns, span.from_ns), to_ns = MIN(bar->end_ns, span.to_ns);
    return MAX(to_ns - from_ns, 0);
}

/* ---- Adding ---- */

/* Between it and the next one a pixel stays free, but not at an edge beyond which it goes on. */
static void add_alone(struct lane_layout *layout, const struct bar *bar, double begin, double end)
{
    int x = (int)lround(begin), behind = (int)lround(end);
    int width = MAX(behind - x - (behind < layout->width && bar->end != 0), 1);
    struct lane_piece piece = { x, width, bar->function, LANE_STEPS, true, lane_bar_has_failed(bar), *bar };
    g_array_append_val(layout->alone, piece);
    for (int i = x; i < MIN(behind, layout->width); i++)
        layout->columns[i].is_taken = true;
}

/* The vote of Boyer and Moore: who has more than half is ahead in the end, and nobody else is remembered. */
static void vote(struct column *column, uint16_t function, float part)
{
    if (column->function == function)
        column->ahead += part;
    else if (column->ahead >= part)
        column->ahead -= part;
    else {
        column->function = function;
        column->ahead = part - column->ahead;
    }
}

static void add_to_columns(struct lane_layout *layout, const struct bar *bar, double begin, double end)
{
    for (int i = MIN((int)begin, layout->width - 1); i < layout->width && (i < end || i == (int)begin); i++) {
        struct column *column = &layout->columns[i];
        float part = (float)MAX(MIN(end, i + 1) - MAX(begin, i), LEAST_PART);
        column->busy += part;
        column->has_failed |= lane_bar_has_failed(bar);
        vote(column, bar->function, part);
    }
}

void lane_layout_add(struct lane_layout *layout, const struct bar *bar)
{
    struct lane_span span = layout->span;
    if (layout->width == 0 || bar->end_ns < span.from_ns || bar->begin_ns >= span.to_ns)
        return;
    int64_t begin_ns = MAX(bar->begin_ns, span.from_ns) - span.from_ns;
    int64_t end_ns = MIN(bar->end_ns, span.to_ns) - span.from_ns;
    double begin = (double)begin_ns * layout->scale, end = (double)end_ns * layout->scale;
    layout->busy_ns += (double)(end_ns - begin_ns);
    if (end - begin >= LANE_ALONE)
        add_alone(layout, bar, begin, end);
    else
        add_to_columns(layout, bar, begin, end);
}

/* ---- Pieces ---- */

/* What is busy at all can be seen. */
static uint8_t step_of(const struct column *column)
{
    double steps = ceil((double)column->busy * LANE_STEPS * (1 - ROUNDING));
    return column->busy > 0 ? (uint8_t)CLAMP(steps, 1, LANE_STEPS) : 0;
}

static struct lane_piece piece_of(const struct column *column, int x)
{
    struct lane_piece piece = { .x = x, .width = 1, .has_failed = column->has_failed };
    if (column->is_taken)
        return piece;
    piece.busy = step_of(column);
    piece.function = piece.busy > 0 ? column->function : 0;
    return piece;
}

static bool goes_on(const struct lane_piece *piece, const struct lane_piece *next)
{
    return piece->x + piece->width == next->x && piece->function == next->function && piece->busy == next->busy &&
           piece->has_failed == next->has_failed;
}

static void append(GArray *pieces, guint first, const struct lane_piece *next)
{
    struct lane_piece *last = pieces->len > first ? &g_array_index(pieces, struct lane_piece, pieces->len - 1) : NULL;
    if (next->busy == 0 && !next->has_failed)
        return;
    if (last != NULL && goes_on(last, next))
        last->width++;
    else
        g_array_append_vals(pieces, next, 1);
}

void lane_layout_end(struct lane_layout *layout, GArray *pieces)
{
    g_array_append_vals(pieces, layout->alone->data, layout->alone->len);
    guint first = pieces->len;
    for (int x = 0; x < layout->width; x++) {
        struct lane_piece next = piece_of(&layout->columns[x], x);
        append(pieces, first, &next);
    }
}

double lane_layout_busy_ns(const struct lane_layout *layout)
{
    return layout->busy_ns;
}
