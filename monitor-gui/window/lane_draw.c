#include "window/lane_draw.h"

#include <inttypes.h>
#include <math.h>

/* From so many pixels on a bar has its letter, its argument, its name. */
#define LETTER_ROOM     12
#define ARGUMENT_ROOM   48
#define NAME_ROOM       118
#define DEATH_ROOM      24
#define MARK_LEFT       5
#define DEATH_TEXT_LEFT 25

#define PIXELS       12.5
#define SMALL_PIXELS 12
#define TEXT_LEFT    4
#define TEXT_HEIGHT  17
#define HEAD_HEIGHT  19
#define STRIPE       4
#define WAIT_HEIGHT  11
#define LEAST_BAND   8.0
#define THROUGH_LOSS 0.6f
#define FADED        0.22f

static double place(const struct lane_drawing *drawing, int64_t time_ns)
{
    double x = lane_span_x(drawing->span, drawing->width, time_ns);
    return LANE_HEAD + CLAMP(x, -drawing->width, 2 * drawing->width);
}

int lane_height(int room, int count)
{
    int all = MAX(count, 1);
    if (room <= 0)
        return LANE_HEIGHT;
    if (room / all >= LANE_LOW)
        return MIN(room / all, LANE_HEIGHT);
    return CLAMP(room / CLAMP(room / LANE_LEAST, 1, all), LANE_LEAST, LANE_HEIGHT);
}

static bool is_low(const struct lane_drawing *drawing)
{
    return drawing->lane < LANE_LEAST;
}

/* From what it is in the least lane of two lines to what it is in the highest one. */
static int between(const struct lane_drawing *drawing, int low, int high)
{
    return low + (high - low) * (drawing->lane - LANE_LEAST) / (LANE_HEIGHT - LANE_LEAST);
}

/* Of a bar, and its place in its lane. */
static int bar_height(const struct lane_drawing *drawing)
{
    return is_low(drawing) ? MIN(drawing->lane - 5, 22) : between(drawing, 22, 29);
}

static int bar_top(const struct lane_drawing *drawing)
{
    return is_low(drawing) ? (drawing->lane - bar_height(drawing)) / 2 : between(drawing, 4, 8);
}

/* Of what has this height and stands in the middle of a bar. */
static int top_within(const struct lane_drawing *drawing, int height)
{
    return (bar_height(drawing) - height + 1) / 2;
}

/* ---- Bars ---- */

static bool is_faded(const struct lane_drawing *drawing, uint32_t function)
{
    return drawing->only != 0 && drawing->only != lane_group_of(function) + 1;
}

/* Failed ones have a foot in the colour of what is wrong, with a line above it that tells it from any colour. */
static void draw_failure(const struct lane_drawing *drawing, const struct lane_piece *piece, double x, double y)
{
    GdkRGBA color = palette_color(PALETTE_bad), ground = palette_color(PALETTE_bg);
    double top = y + bar_height(drawing) - STRIPE;
    canvas_box(drawing->snapshot, x, top - 1, piece->width, 1, &ground);
    canvas_box(drawing->snapshot, x, top, piece->width, STRIPE, &color);
}

static void draw_hatch(const struct lane_drawing *drawing, const struct lane_piece *piece, double x, double y)
{
    GdkRGBA line = palette_color(PALETTE_bg);
    line.alpha = 0.35f;
    canvas_hatch(drawing->snapshot, x, y, piece->width, bar_height(drawing), &line);
}

/* What is busy for a part of its pixels is pale, and as high as all others: a bar of some pixels that begins and ends
 * within one is to have no torn outline. */
static float strength_of(const struct lane_piece *piece)
{
    return (float)(1 + piece->busy) / (1 + LANE_STEPS);
}

static void draw_piece(const struct lane_drawing *drawing, const struct lane_piece *piece, double y)
{
    const struct lane_key *key = lane_key_of(drawing->keys, piece->function);
    GdkRGBA color = palette_color(key->color);
    double x = LANE_HEAD + piece->x, top = y + bar_top(drawing);
    if (piece->busy > 0) {
        color.alpha = is_faded(drawing, piece->function) ? FADED : strength_of(piece);
        canvas_box(drawing->snapshot, x, top, piece->width, bar_height(drawing), &color);
    }
    if (piece->is_alone && key->is_other)
        draw_hatch(drawing, piece, x, top);
    if (piece->has_failed)
        draw_failure(drawing, piece, x, top);
}

/* ---- Deaths ---- */

static void draw_death(const struct lane_drawing *drawing, const struct lane_death *death, double y)
{
    double x = MAX(place(drawing, death->from_ns), LANE_HEAD);
    double end = MIN(place(drawing, death->to_ns), LANE_HEAD + drawing->width);
    double top = y + bar_top(drawing);
    GdkRGBA soft = palette_color(PALETTE_bad_soft), color = palette_color(PALETTE_bad);
    canvas_box(drawing->snapshot, x, top, end - x - 1, bar_height(drawing), &soft);
    if (death->from_ns >= drawing->span.from_ns)
        canvas_box(drawing->snapshot, (int)x - 1, y + 3, 2, drawing->lane - 5, &color);
}

double lane_death_mark(struct lane_span span, double width, const struct lane_death *death)
{
    double line = lane_span_x(span, width, death->from_ns), end = MIN(lane_span_x(span, width, death->to_ns), width);
    double x = MAX(line, 0);
    if (end - x >= DEATH_ROOM)
        return LANE_HEAD + x + MARK_LEFT;
    return line >= 0 && line <= width ? LANE_HEAD + CLAMP(line - GLYPH_SIZE / 2.0, 0, width - GLYPH_SIZE) : -1;
}

/* Over the bars beside it: at most zooms the time without a worker is less than the mark. */
static void draw_mark(const struct lane_drawing *drawing, const struct lane_death *death, double y)
{
    double x = lane_death_mark(drawing->span, drawing->width, death);
    double top = y + bar_top(drawing) + top_within(drawing, GLYPH_SIZE);
    GdkRGBA color = palette_color(PALETTE_bad), ground = palette_color(PALETTE_bg);
    if (x < 0)
        return;
    canvas_box(drawing->snapshot, x, top, GLYPH_SIZE, GLYPH_SIZE, &ground);
    canvas_glyph(drawing->snapshot, GLYPH_DEAD, x, top, &color);
}

/* ---- Chosen ---- */

static void draw_frame(GtkSnapshot *snapshot, double x, double y, double width, double height, const GdkRGBA *color)
{
    canvas_box(snapshot, x, y, width, 2, color);
    canvas_box(snapshot, x, y + height - 2, width, 2, color);
    canvas_box(snapshot, x, y, 2, height, color);
    canvas_box(snapshot, x + width - 2, y, 2, height, color);
}

static void draw_wait(const struct lane_drawing *drawing, const struct bar *bar, double x, double y,
                      const GdkRGBA *color)
{
    double begin = MAX(place(drawing, bar->begin_ns - (int64_t)bar->wait_ns), LANE_HEAD);
    if (bar->wait_ns <= 0 || bar->wait_ns > (float)bar->begin_ns || x - begin < 3)
        return;
    double top = y + bar_top(drawing);
    canvas_dashes(drawing->snapshot, begin, top + bar_height(drawing) / 2.0, x - begin, 0, 3, color);
    canvas_box(drawing->snapshot, begin, top + top_within(drawing, WAIT_HEIGHT), 2, WAIT_HEIGHT, color);
}

static void draw_chosen_bar(const struct lane_drawing *drawing, const struct bar *bar, double y)
{
    GdkRGBA color = palette_color(PALETTE_text);
    double x = MAX(place(drawing, bar->begin_ns), LANE_HEAD) - 1;
    double end = MIN(place(drawing, bar->end_ns), LANE_HEAD + drawing->width);
    if (bar->begin_ns < drawing->span.to_ns && bar->end_ns >= drawing->span.from_ns)
        draw_frame(drawing->snapshot, x, y + bar_top(drawing) - 2, MAX(end - x, 5), bar_height(drawing) + 4, &color);
    if (bar->begin_ns < drawing->span.to_ns)
        draw_wait(drawing, bar, x, y, &color);
}

/* ---- Bands ---- */

/* Of what is not known, on the plot; what was lost within a moment is not less than can be seen. */
static struct lane_room room_of_unknown(struct lane_span span, double width, const struct lane_unknown *unknown)
{
    double from = fmax(lane_span_x(span, width, unknown->from_ns), 0);
    return (struct lane_room){ from, fmin(fmax(lane_span_x(span, width, unknown->to_ns), from + LEAST_BAND), width) };
}

static void draw_band(const struct lane_drawing *drawing, const struct lane_unknown *unknown, double y, double height)
{
    struct lane_room room = room_of_unknown(drawing->span, drawing->width, unknown);
    double from = LANE_HEAD + room.from, to = LANE_HEAD + room.to;
    GdkRGBA ground = palette_color(PALETTE_bg), line = palette_color(unknown->is_loss ? PALETTE_dim : PALETTE_line2);
    if (unknown->is_loss)
        ground.alpha = THROUGH_LOSS;
    canvas_box(drawing->snapshot, from, y, to - from, height, &ground);
    canvas_hatch(drawing->snapshot, from, y, to - from, height, &line);
}

static void draw_range(const struct lane_drawing *drawing, struct lane_span range, double height)
{
    double from = MAX(place(drawing, range.from_ns), LANE_HEAD);
    double to = MIN(place(drawing, range.to_ns), LANE_HEAD + drawing->width);
    GdkRGBA color = palette_color(PALETTE_accent), soft = color;
    soft.alpha = 0.16f;
    canvas_box(drawing->snapshot, from, 0, to - from, height, &soft);
    canvas_box(drawing->snapshot, from, 0, 1, height, &color);
    canvas_box(drawing->snapshot, to - 1, 0, 1, height, &color);
}

/* ---- Heads ---- */

static void draw_head(const struct lane_drawing *drawing, const struct lane_row *row, double y)
{
    bool is_bad = g_strcmp0(row->class, "bad") == 0, is_warning = g_strcmp0(row->class, "warn") == 0;
    char index[16], pid[24];
    g_snprintf(index, sizeof index, "%" PRIu32, row->worker);
    g_snprintf(pid, sizeof pid, "%" PRId64, row->pid);
    int middle = (drawing->lane - HEAD_HEIGHT) / 2, about_x = is_low(drawing) ? 86 : 40;
    canvas_text(drawing->widget, drawing->snapshot, index, 24, y + (is_low(drawing) ? middle : between(drawing, 6, 13)),
                0.5, 13.5, true, PALETTE_text);
    canvas_text(drawing->widget, drawing->snapshot, row->pid != 0 ? pid : "", 40,
                y + (is_low(drawing) ? middle : between(drawing, -1, 5)), 0, 13.5, false, PALETTE_text);
    canvas_text_within(drawing->widget, drawing->snapshot, row->about, about_x,
                       y + (is_low(drawing) ? middle + 1 : between(drawing, 13, 22)), LANE_HEAD - about_x - 4,
                       SMALL_PIXELS,
                       is_bad       ? PALETTE_bad
                       : is_warning ? PALETTE_warn
                                    : PALETTE_dim);
}

/* ---- All of them ---- */

static double top_of(const struct lane_drawing *drawing, const struct lane_rows *rows, guint index)
{
    return (double)(rows->first + index) * drawing->lane;
}

static const struct lane_row *row_at(const struct lane_rows *rows, guint index)
{
    return &g_array_index(rows->rows, struct lane_row, index);
}

static void draw_grid(const struct lane_drawing *drawing, const struct lane_rows *rows, double height)
{
    struct lane_tick ticks[LANE_TICKS_MAX];
    GdkRGBA line = palette_color(PALETTE_line);
    size_t count = lane_span_ticks(drawing->span, drawing->width, lane_wall_ns(drawing->view), ticks);
    for (size_t i = 0; i < count; i++)
        canvas_box(drawing->snapshot, (int)place(drawing, ticks[i].time_ns), 0, 1, height, &line);
    for (guint i = 0; i < rows->rows->len; i++)
        canvas_box(drawing->snapshot, 0, top_of(drawing, rows, i) + drawing->lane - 1,
                   LANE_HEAD + drawing->width + LANE_END, 1, &line);
}

static void draw_row(const struct lane_drawing *drawing, const struct lane_rows *rows, guint index)
{
    const struct lane_row *row = row_at(rows, index);
    double y = top_of(drawing, rows, index);
    draw_head(drawing, row, y);
    for (guint i = 0; i < row->deaths; i++)
        draw_death(drawing, &g_array_index(rows->deaths, struct lane_death, row->death + i), y);
    for (guint i = 0; i < row->pieces; i++)
        draw_piece(drawing, &g_array_index(rows->pieces, struct lane_piece, row->piece + i), y);
}

/* Above all else: what was lost in the same moment does not hide who died. */
static void draw_marks(const struct lane_drawing *drawing, const struct lane_rows *rows, guint index)
{
    const struct lane_row *row = row_at(rows, index);
    for (guint i = 0; i < row->deaths; i++)
        draw_mark(drawing, &g_array_index(rows->deaths, struct lane_death, row->death + i),
                  top_of(drawing, rows, index));
}

static void draw_unknown(const struct lane_drawing *drawing, const struct lane_rows *rows,
                         const struct lane_unknown *unknown, double height)
{
    if (unknown->worker < 0)
        draw_band(drawing, unknown, 0, height);
    for (guint i = 0; i < rows->rows->len && unknown->worker >= 0; i++)
        if (row_at(rows, i)->worker == (uint64_t)unknown->worker)
            draw_band(drawing, unknown, top_of(drawing, rows, i) + 2, drawing->lane - 4);
}

/* Over the bars: through what was lost of a time those that are known are seen. */
static void draw_unknowns(const struct lane_drawing *drawing, const struct lane_rows *rows, double height)
{
    for (guint i = 0; i < rows->unknown->len; i++)
        draw_unknown(drawing, rows, &g_array_index(rows->unknown, struct lane_unknown, i), height);
}

static void draw_chosen(const struct lane_drawing *drawing, const struct lane_rows *rows, const struct lane_look *look)
{
    for (guint i = 0; i < rows->rows->len && look->is_chosen; i++)
        if (row_at(rows, i)->worker == look->worker)
            draw_chosen_bar(drawing, &look->bar, top_of(drawing, rows, i));
}

/* ---- Words ---- */

struct lane_room lane_room_for_words(struct lane_span span, double width, const GArray *unknown, uint32_t worker,
                                     struct lane_room room)
{
    for (guint i = 0; i < unknown->len; i++) {
        const struct lane_unknown *each = &g_array_index(unknown, struct lane_unknown, i);
        struct lane_room band = room_of_unknown(span, width, each);
        if ((each->worker >= 0 && each->worker != worker) || band.to <= room.from || band.from >= room.to)
            continue;
        if (band.from - room.from >= room.to - band.to)
            room.to = fmax(band.from, room.from);
        else
            room.from = fmin(band.to, room.to);
    }
    return room;
}

/* A letter alone, then with the argument, then all of it. */
static struct words words_for(const struct lane_drawing *drawing, uint32_t worker, const struct lane_piece *piece,
                              double room)
{
    const struct lane_key *key = lane_key_of(drawing->keys, piece->function);
    struct words words = { "" };
    if (room < ARGUMENT_ROOM) {
        g_strlcpy(words.text, key->letter, sizeof words.text);
        return words;
    }
    struct words argument = lane_argument(drawing->view, worker, &piece->bar);
    const char *name = room >= NAME_ROOM ? lane_function_name(drawing->view->pool, piece->function) : key->letter;
    g_snprintf(words.text, sizeof words.text, "%s %s", name, argument.text);
    return words;
}

static void draw_words(const struct lane_drawing *drawing, const GArray *unknown, uint32_t worker,
                       const struct lane_piece *piece, double y)
{
    if (!piece->is_alone || piece->width < LETTER_ROOM)
        return;
    struct lane_room room = lane_room_for_words(drawing->span, drawing->width, unknown, worker,
                                                (struct lane_room){ piece->x, piece->x + piece->width });
    double wide = room.to - room.from, x = LANE_HEAD + room.from + TEXT_LEFT;
    double top = y + bar_top(drawing) + top_within(drawing, TEXT_HEIGHT);
    enum palette_color color = is_faded(drawing, piece->function) ? PALETTE_dim : PALETTE_on_f;
    if (wide < LETTER_ROOM)
        return;
    struct words words = words_for(drawing, worker, piece, wide);
    if (wide < ARGUMENT_ROOM)
        canvas_text(drawing->widget, drawing->snapshot, words.text, x, top, 0, PIXELS, false, color);
    else
        canvas_text_within(drawing->widget, drawing->snapshot, words.text, x, top, wide - 2 * TEXT_LEFT, PIXELS, color);
}

/* Behind the mark, or behind what was lost then. */
static void draw_words_of_death(const struct lane_drawing *drawing, const GArray *unknown, uint32_t worker,
                                const struct lane_death *death, double y)
{
    double x = MAX(place(drawing, death->from_ns), LANE_HEAD) - LANE_HEAD;
    double end = MIN(place(drawing, death->to_ns) - LANE_HEAD, drawing->width);
    if (end - x < DEATH_ROOM)
        return;
    struct lane_room room = lane_room_for_words(drawing->span, drawing->width, unknown, worker,
                                                (struct lane_room){ x + DEATH_TEXT_LEFT, end - MARK_LEFT });
    canvas_text_within(drawing->widget, drawing->snapshot, death->words, LANE_HEAD + room.from,
                       y + bar_top(drawing) + top_within(drawing, TEXT_HEIGHT), room.to - room.from, PIXELS,
                       PALETTE_text);
}

/* Above what is hatched, and never through it. */
static void draw_row_words(const struct lane_drawing *drawing, const struct lane_rows *rows, guint index)
{
    const struct lane_row *row = row_at(rows, index);
    double y = top_of(drawing, rows, index);
    for (guint i = 0; i < row->deaths; i++)
        draw_words_of_death(drawing, rows->unknown, row->worker,
                            &g_array_index(rows->deaths, struct lane_death, row->death + i), y);
    for (guint i = 0; i < row->pieces; i++)
        draw_words(drawing, rows->unknown, row->worker, &g_array_index(rows->pieces, struct lane_piece, row->piece + i),
                   y);
}

void lane_draw_all(const struct lane_drawing *drawing, const struct lane_rows *rows, const struct lane_look *look,
                   double height)
{
    draw_grid(drawing, rows, height);
    for (guint i = 0; i < rows->rows->len; i++)
        draw_row(drawing, rows, i);
    draw_unknowns(drawing, rows, height);
    for (guint i = 0; i < rows->rows->len; i++)
        draw_row_words(drawing, rows, i);
    for (guint i = 0; i < rows->rows->len; i++)
        draw_marks(drawing, rows, i);
    draw_chosen(drawing, rows, look);
    if (lane_span_length(look->range) > 0)
        draw_range(drawing, look->range, height);
}

/* ---- Keys ---- */

void lane_draw_key(GtkWidget *widget, GtkSnapshot *snapshot, const struct lane_key *key, double size)
{
    GdkRGBA color = palette_color(key->color), line = palette_color(PALETTE_bg);
    line.alpha = 0.35f;
    canvas_box(snapshot, 0, 0, size, size, &color);
    if (key->is_other)
        canvas_hatch(snapshot, 0, 0, size, size, &line);
    canvas_text(widget, snapshot, key->letter, size / 2, 0, 0.5, 11, false, PALETTE_on_f);
}
