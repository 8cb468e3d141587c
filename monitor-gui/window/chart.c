#include "window/chart.h"

#include "model/text.h"
#include "model/words.h"
#include "window/canvas.h"
#include "window/parts.h"
#include "window/scale.h"
#include "window/twin.h"
#include <math.h>

#define MIN_WIDTH    120
#define MIN_HEIGHT   96
#define NAT_HEIGHT   100
#define TITLE_ROOM   19
#define TOP_ROOM     35
#define BOTTOM_ROOM  16
#define AXIS_PIXELS  11
#define TEXT_PIXELS  12.5
#define LINE_WIDTH   1.6
#define POINT_RADIUS 2.5
#define FILL_ALPHA   0.14f
#define BEGIN_AT_MAX 0.4 /* of the width: behind it there is no room for what begins */
#define TIME_GAP     8
#define LINE_ROOM    3 /* lines that are closer are one */
#define DIGIT_ROOM   7 /* of a digit of a number of deaths */

struct _MonChart {
    GtkWidget parent_instance;
    char *title, *now, *begin, *end;
    chart_name_fn *name;
    struct chart_data data;
    struct scale scale;
    double top;
};

G_DEFINE_TYPE(MonChart, mon_chart, GTK_TYPE_WIDGET)

/* The plot itself, within the widget. */
struct plot {
    double width, top, height;
};

static double place_in(const struct chart_data *data, double width, int index)
{
    return width * (index - data->from) / (CHART_SAMPLES - 1 - data->from);
}

static double x_of(const MonChart *self, const struct plot *plot, int index)
{
    return place_in(&self->data, plot->width, index);
}

static double y_of(const MonChart *self, const struct plot *plot, double value)
{
    return plot->top + plot->height - value / self->top * plot->height;
}

/* Of the top and of a limit, which are round. */
static void name_round(const MonChart *self, double value, char ret_text[64])
{
    self->name(value, ret_text, 64);
    text_drop_zeros(ret_text);
}

/* ---- Layers ---- */

static void draw_words(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    GtkWidget *widget = GTK_WIDGET(self);
    char top[64];
    name_round(self, self->top, top);
    canvas_text(widget, snapshot, self->title, 0, 0, 0, TEXT_PIXELS, false, PALETTE_dim);
    canvas_text(widget, snapshot, self->now, plot->width, 0, 1, TEXT_PIXELS, true, PALETTE_text);
    canvas_text(widget, snapshot, top, 0, TITLE_ROOM, 0, AXIS_PIXELS, false, PALETTE_dim);
}

/* Behind its place, or before it where the end leaves no room there. */
static void draw_times(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    GtkWidget *widget = GTK_WIDGET(self);
    double y = plot->top + plot->height + 2, x = x_of(self, plot, self->data.begin_at);
    int end = canvas_text(widget, snapshot, self->end, plot->width, y, 1, AXIS_PIXELS, false, PALETTE_dim);
    bool is_late = x > BEGIN_AT_MAX * plot->width;
    canvas_text(widget, snapshot, self->begin, is_late ? MIN(x, plot->width - end - TIME_GAP) : x, y, is_late ? 1 : 0,
                AXIS_PIXELS, false, PALETTE_dim);
}

static void draw_axes(GtkSnapshot *snapshot, const struct plot *plot)
{
    GdkRGBA line = palette_color(PALETTE_line), axis = palette_color(PALETTE_line2);
    canvas_box(snapshot, 0, plot->top, plot->width, 1, &line);
    canvas_box(snapshot, 0, plot->top + (int)(plot->height / 2), plot->width, 1, &line);
    canvas_box(snapshot, 0, plot->top + plot->height, plot->width, 1, &axis);
}

/* The index behind the last of the known ones that begin at first. */
static int end_of_known(const MonChart *self, int first)
{
    int end = first;
    while (end < CHART_SAMPLES && !isnan(self->data.values[end]))
        end++;
    return end;
}

/* The first sample that is told of, if anything is known of it. */
static int first_of(const MonChart *self)
{
    return MAX(self->data.born, self->data.from);
}

/* At the beginning it is no fault that nothing is known: there it is pale. There and at the end it says why. */
static void draw_gap(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot, int first, int end)
{
    bool is_before = first == first_of(self);
    GdkRGBA color = palette_color(is_before ? PALETTE_line : PALETTE_line2);
    double from = x_of(self, plot, is_before ? first : first - 1), to = x_of(self, plot, MIN(end, CHART_SAMPLES - 1));
    canvas_hatch(snapshot, from, plot->top, to - from, plot->height, &color);
    if (is_before || end == CHART_SAMPLES)
        canvas_note(GTK_WIDGET(self), snapshot, is_before ? self->data.before : self->data.after,
                    &GRAPHENE_RECT_INIT((float)from, (float)plot->top, (float)(to - from), (float)plot->height),
                    AXIS_PIXELS);
}

static void draw_unknown(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    int first = first_of(self);
    while (first < CHART_SAMPLES) {
        int end = first;
        while (end < CHART_SAMPLES && isnan(self->data.values[end]))
            end++;
        if (end > first)
            draw_gap(self, snapshot, plot, first, end);
        first = end_of_known(self, end);
        if (first == end)
            break;
    }
}

static void trace(const MonChart *self, cairo_t *cairo, const struct plot *plot, int first, int end)
{
    for (int i = first; i < end; i++)
        cairo_line_to(cairo, x_of(self, plot, i), y_of(self, plot, fmin(self->data.values[i], self->top)));
}

/* One known sample alone, as soon after the beginning, is no line: whole within the chart, though it is of its edge. */
static void draw_point(const MonChart *self, cairo_t *cairo, const struct plot *plot, int at, const GdkRGBA *color)
{
    double x = CLAMP(x_of(self, plot, at), POINT_RADIUS, plot->width - POINT_RADIUS);
    cairo_arc(cairo, x, y_of(self, plot, fmin(self->data.values[at], self->top)), POINT_RADIUS, 0, 2 * G_PI);
    gdk_cairo_set_source_rgba(cairo, color);
    cairo_fill(cairo);
}

static void draw_piece(MonChart *self, cairo_t *cairo, const struct plot *plot, int first, int end,
                       const GdkRGBA *color)
{
    trace(self, cairo, plot, first, end);
    cairo_line_to(cairo, x_of(self, plot, end - 1), plot->top + plot->height);
    cairo_line_to(cairo, x_of(self, plot, first), plot->top + plot->height);
    cairo_close_path(cairo);
    cairo_set_source_rgba(cairo, color->red, color->green, color->blue, FILL_ALPHA);
    cairo_fill(cairo);
    trace(self, cairo, plot, first, end);
    gdk_cairo_set_source_rgba(cairo, color);
    cairo_set_line_width(cairo, LINE_WIDTH);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cairo);
}

static void draw_line(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    GdkRGBA color = palette_color_in(GTK_WIDGET(self), PALETTE_accent);
    graphene_rect_t area = GRAPHENE_RECT_INIT(0, (float)plot->top - 2, (float)plot->width, (float)plot->height + 4);
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    for (int first = 0; first < CHART_SAMPLES;) {
        int end = end_of_known(self, first);
        if (end == first + 1)
            draw_point(self, cairo, plot, first, &color);
        else if (end > first)
            draw_piece(self, cairo, plot, first, end, &color);
        first = MAX(end, first + 1);
    }
    cairo_destroy(cairo);
}

static void draw_limit(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    char value[64];
    if (self->data.limit <= 0 || self->data.limit > self->top)
        return;
    GdkRGBA color = palette_color_in(GTK_WIDGET(self), PALETTE_warn);
    double y = y_of(self, plot, self->data.limit);
    name_round(self, self->data.limit, value);
    g_autofree char *name = g_strdup_printf("limit %s", value);
    canvas_dashes(snapshot, 0, y, plot->width, 0, 3, &color);
    canvas_text(GTK_WIDGET(self), snapshot, name, plot->width, TITLE_ROOM, 1, AXIS_PIXELS, false, PALETTE_warn);
}

/* ---- Deaths ---- */

/* How many there are of that part of a second, if it is one of which something is known. */
static uint32_t deaths_of(const struct chart_data *data, int step)
{
    int sample = step / CHART_STEPS;
    return sample < data->from || isnan(data->values[sample]) ? 0 : data->died[step];
}

/* Behind the last sample that is known nothing is drawn: there it is at that. */
static double place_of_step(const struct chart_data *data, double width, int step)
{
    int sample = step / CHART_STEPS;
    bool is_known = sample + 1 < CHART_SAMPLES && !isnan(data->values[sample + 1]);
    double second = width / (CHART_SAMPLES - 1 - data->from);
    return place_in(data, width, sample) + (is_known ? second * (step % CHART_STEPS) / CHART_STEPS : 0);
}

/* A line for each, but for those that would be a band. Each has all of its deaths so far. */
static int collect_lines(const struct chart_data *data, double width, struct chart_mark *ret_marks)
{
    int count = 0;
    for (int step = 0; step < CHART_ALL_STEPS; step++) {
        uint32_t died = deaths_of(data, step);
        if (died == 0)
            continue;
        double x = fmin(place_of_step(data, width, step), width - 1);
        if (count == 0 || x - ret_marks[count - 1].x >= LINE_ROOM)
            ret_marks[count++] = (struct chart_mark){ .x = x };
        ret_marks[count - 1].count += died;
    }
    return count;
}

static struct words number_of(const struct chart_mark *mark)
{
    return mark->count > 1 ? words_format("\xc3\x97%s", text_count(mark->count).text) : words_format("%s", "");
}

/* Of the shape and its number. */
static double room_of(const struct chart_mark *mark)
{
    return GLYPH_SIZE + DIGIT_ROOM * (double)g_utf8_strlen(number_of(mark).text, -1);
}

static void join(struct chart_mark *one, struct chart_mark *other)
{
    one->count += other->count;
    other->count = 0;
}

/* Within the plot: one whose number goes beyond it moves away from its edge, and takes those that it meets. */
static void keep_within(struct chart_mark *marks, int last, double width)
{
    struct chart_mark *mark = &marks[last];
    mark->glyph_x = CLAMP(mark->glyph_x, 0, fmax(width - room_of(mark), 0));
    while (last > 0 && marks[last - 1].count == 0)
        last--;
    if (last == 0 || marks[last - 1].glyph_x + room_of(&marks[last - 1]) <= mark->glyph_x)
        return;
    join(&marks[last - 1], mark);
    keep_within(marks, last - 1, width);
}

int chart_marks(const struct chart_data *data, double width, struct chart_mark ret_marks[CHART_ALL_STEPS])
{
    int count = collect_lines(data, width, ret_marks), last = -1;
    for (int i = 0; i < count; i++) {
        struct chart_mark *mark = &ret_marks[i];
        mark->glyph_x = CLAMP(mark->x - GLYPH_SIZE / 2.0, 0, width - GLYPH_SIZE);
        if (last >= 0 && mark->glyph_x < ret_marks[last].glyph_x + room_of(&ret_marks[last]))
            join(&ret_marks[last], mark);
        else
            last = i;
    }
    if (last >= 0)
        keep_within(ret_marks, last, width);
    return count;
}

/* All at once: in a storm there is one every few pixels. */
static void draw_death_lines(GtkSnapshot *snapshot, const struct plot *plot, const struct chart_mark *marks, int count,
                             const GdkRGBA *color)
{
    static const double dashes[] = { 3, 3 };
    double top = plot->top + GLYPH_SIZE, bottom = plot->top + plot->height;
    graphene_rect_t area = GRAPHENE_RECT_INIT(0, (float)top, (float)plot->width, (float)(bottom - top));
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    for (int i = 0; i < count; i++) {
        cairo_move_to(cairo, floor(marks[i].x) + 0.5, top);
        cairo_line_to(cairo, floor(marks[i].x) + 0.5, bottom);
    }
    gdk_cairo_set_source_rgba(cairo, color);
    cairo_set_line_width(cairo, 1);
    cairo_set_dash(cairo, dashes, G_N_ELEMENTS(dashes), 0);
    cairo_stroke(cairo);
    cairo_destroy(cairo);
}

/* On a ground of its own, for the chart's line may be there, and would be seen through the shape. */
static void draw_mark(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot, const struct chart_mark *mark)
{
    GdkRGBA ground = palette_color(PALETTE_bg), color = palette_color(PALETTE_bad);
    canvas_box(snapshot, (int)mark->glyph_x, plot->top + 1, room_of(mark), GLYPH_SIZE, &ground);
    canvas_glyph(snapshot, GLYPH_DEAD, mark->glyph_x, plot->top + 1, &color);
    canvas_text(GTK_WIDGET(self), snapshot, number_of(mark).text, mark->glyph_x + GLYPH_SIZE + 1, plot->top, 0,
                AXIS_PIXELS, false, PALETTE_text);
}

/* Dashed lines with the shape of the dead at their top, and how many they were. */
static void draw_deaths(MonChart *self, GtkSnapshot *snapshot, const struct plot *plot)
{
    GdkRGBA color = palette_color(PALETTE_bad);
    struct chart_mark marks[CHART_ALL_STEPS];
    int count = chart_marks(&self->data, plot->width, marks);
    if (count > 0 && plot->height > GLYPH_SIZE)
        draw_death_lines(snapshot, plot, marks, count, &color);
    for (int i = 0; i < count; i++)
        if (marks[i].count > 0)
            draw_mark(self, snapshot, plot, &marks[i]);
}

/* That are drawn, from the one part up to another. */
static uint64_t count_deaths(const struct chart_data *data, int first, int end)
{
    uint64_t count = 0;
    for (int step = first; step < end && step < CHART_ALL_STEPS; step++)
        count += deaths_of(data, step);
    return count;
}

/* "a worker died", "48 213 workers died"; "" if nobody did. */
static struct words deaths_in_words(uint64_t count)
{
    return count == 0   ? words_format("%s", "")
           : count == 1 ? words_format("a worker died")
                        : words_format("%s died", words_many(count, "worker").text);
}

static void mon_chart_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonChart *self = MON_CHART(widget);
    struct plot plot = { gtk_widget_get_width(widget), TOP_ROOM,
                         gtk_widget_get_height(widget) - TOP_ROOM - BOTTOM_ROOM };
    if (self->begin == NULL || plot.height < 4)
        return;
    draw_axes(snapshot, &plot);
    draw_unknown(self, snapshot, &plot);
    draw_line(self, snapshot, &plot);
    draw_limit(self, snapshot, &plot);
    draw_deaths(self, snapshot, &plot);
    draw_words(self, snapshot, &plot);
    draw_times(self, snapshot, &plot);
}

/* ---- The widget ---- */

static void mon_chart_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)for_size;
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : NAT_HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_chart_finalize(GObject *object)
{
    MonChart *self = MON_CHART(object);
    g_free(self->title);
    g_free(self->now);
    g_free(self->begin);
    g_free(self->end);
    G_OBJECT_CLASS(mon_chart_parent_class)->finalize(object);
}

static void mon_chart_class_init(MonChartClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_chart_finalize;
    GTK_WIDGET_CLASS(class)->snapshot = mon_chart_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_chart_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void mon_chart_init(MonChart *self)
{
    gtk_widget_set_hexpand(GTK_WIDGET(self), TRUE);
    gtk_widget_set_vexpand(GTK_WIDGET(self), TRUE);
    self->top = 1;
}

/* ---- As a table, the last one first ---- */

enum { TIME, VALUE, EVENT, COLUMNS };

static const struct table_column columns[COLUMNS] = {
    [TIME] = { "Time", 110, TABLE_TEXT, false, false, false },
    [VALUE] = { "Value", 96, TABLE_TEXT, true, false, false },
    [EVENT] = { "", 0, TABLE_TEXT, false, true, false },
};

static guint count_rows(GtkWidget *chart)
{
    return MON_CHART(chart)->end != NULL ? (guint)(CHART_SAMPLES - MON_CHART(chart)->data.from) : 0;
}

static void fill_row(GtkWidget *chart, guint row, guint column, struct table_cell *ret_cell)
{
    MonChart *self = MON_CHART(chart);
    int sample = CHART_SAMPLES - 1 - (int)row;
    double value = self->data.values[sample];
    if (column == TIME && row == 0)
        g_strlcpy(ret_cell->words.text, self->end, sizeof ret_cell->words.text);
    else if (column == TIME)
        g_snprintf(ret_cell->words.text, sizeof ret_cell->words.text, "\xe2\x88\x92%u" TEXT_BLANK "s", row);
    else if (column == VALUE && isnan(value))
        g_strlcpy(ret_cell->words.text, sample < self->data.born ? "not there yet" : "not known",
                  sizeof ret_cell->words.text);
    else if (column == VALUE)
        self->name(value, ret_cell->words.text, sizeof ret_cell->words.text);
    else
        ret_cell->words = deaths_in_words(count_deaths(&self->data, sample * CHART_STEPS, (sample + 1) * CHART_STEPS));
}

static char *title_of(GtkWidget *chart)
{
    return g_strdup(MON_CHART(chart)->title);
}

static const struct twin_kind twin = { columns, COLUMNS, count_rows, fill_row, title_of };

/* ---- Showing ---- */

GtkWidget *mon_chart_new(const char *title, chart_name_fn *name)
{
    MonChart *self = g_object_new(MON_TYPE_CHART, NULL);
    self->title = g_strdup(title);
    self->name = name;
    twin_add(GTK_WIDGET(self), &twin);
    return GTK_WIDGET(self);
}

static void replace(char **text, const char *by)
{
    g_free(*text);
    *text = g_strdup(by);
}

/* As it is read aloud: 212 /s is 212 per second. */
static char *spoken(MonChart *self, double value)
{
    char text[64];
    self->name(value, text, sizeof text);
    char *slash = g_str_has_suffix(text, TEXT_BLANK "/s") ? strrchr(text, '/') : NULL;
    if (slash != NULL)
        *slash = '\0';
    return slash != NULL ? g_strdup_printf("%sper second", text) : g_strdup(text);
}

/* Throughput, last 60 s: 212 per second, least 160 per second, most 244 per second, 3 workers died. */
static void say(MonChart *self, const struct scale_summary *summary)
{
    g_autofree char *now = spoken(self, summary->now), *least = spoken(self, summary->least);
    g_autofree char *most = spoken(self, summary->most);
    struct words died = deaths_in_words(count_deaths(&self->data, 0, CHART_ALL_STEPS));
    g_autofree char *label = g_strdup_printf("%s, last 60" TEXT_BLANK "s: %s, least %s, most %s%s%s", self->title, now,
                                             least, most, died.text[0] != '\0' ? ", " : "", died.text);
    parts_set_accessible_label(GTK_WIDGET(self), label);
    parts_set_tooltip(GTK_WIDGET(self), label);
}

static void say_nothing(MonChart *self)
{
    g_autofree char *label = g_strdup_printf("%s, last 60" TEXT_BLANK "s: not known", self->title);
    parts_set_accessible_label(GTK_WIDGET(self), label);
    parts_set_tooltip(GTK_WIDGET(self), label);
}

/* Of an idle pool the same comes again and again. */
static bool is_shown(const MonChart *self, const struct chart_data *data)
{
    return memcmp(self->data.values, data->values, sizeof data->values) == 0 &&
           memcmp(self->data.died, data->died, sizeof data->died) == 0 && self->data.least_top == data->least_top &&
           self->data.limit == data->limit && self->data.born == data->born && self->data.begin_at == data->begin_at &&
           self->data.from == data->from && g_strcmp0(self->now, data->now) == 0 &&
           g_strcmp0(self->begin, data->begin) == 0 && g_strcmp0(self->end, data->end) == 0;
}

static void take(MonChart *self, const struct chart_data *data)
{
    self->data = *data;
    replace(&self->now, data->now);
    replace(&self->begin, data->begin);
    replace(&self->end, data->end);
    self->data.now = self->now;
    self->data.begin = self->begin;
    self->data.end = self->end;
}

const char *mon_chart_get_now(MonChart *self)
{
    return self->now != NULL ? self->now : "";
}

void mon_chart_show(MonChart *self, const struct chart_data *data)
{
    struct scale_summary summary = { 0 };
    bool is_known = scale_summarize(data->values, CHART_SAMPLES, &summary), is_same = is_shown(self, data);
    if (data->is_other)
        self->scale = (struct scale){ .top = 0 };
    double top = scale_follow(&self->scale, summary.most, data->least_top, g_get_monotonic_time());
    if (is_same && top == self->top)
        return;
    self->top = top;
    take(self, data);
    if (is_known)
        say(self, &summary);
    else
        say_nothing(self);
    twin_changed(GTK_WIDGET(self));
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
