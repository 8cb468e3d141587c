#include "window/whole.h"

#include "window/lane_draw.h"
#include "window/map.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/twin.h"

#define HEIGHT      53
#define MAP_TOP     5
#define MAP_HEIGHT  34
#define AXIS_PIXELS 11
#define LEAST_SHOWN 6.0
#define FILL        0.16f
/* A pool that was there before it was watched for longer than that was not watched as a whole. */
#define LATE_NS INT64_C(1000000000)

struct _MonWhole {
    GtkWidget parent_instance;
    void (*moved)(void *user, int64_t time_ns);
    void *user;
    struct whole_course course;
    struct lane_span shown;
    GArray *deaths, *losses; /* int64_t: times */
    int64_t wall_ns;
    uint64_t records; /* of the model, when it was shown last */
    const char *title;
};

G_DEFINE_TYPE(MonWhole, mon_whole, GTK_TYPE_WIDGET)

/* ---- How it went ---- */

static void collect_replay(const struct replay *replay, struct whole_course *course)
{
    course->span = (struct lane_span){ replay_begin_ns(replay), replay_end_ns(replay) };
    course->count = REPLAY_PARTS;
    course->covered = 1;
    for (size_t i = 0; i < REPLAY_PARTS; i++)
        course->rates[i] = (double)replay_parts(replay)[i].done;
}

void whole_collect(const struct view *view, struct whole_course *ret_course)
{
    const struct overall *overall = &view->pool->overall;
    const struct replay *replay = view->watch != NULL ? view->watch->replay : NULL;
    *ret_course = (struct whole_course){ .count = 0 };
    if (replay != NULL && replay_is_known(replay)) {
        collect_replay(replay, ret_course);
        return;
    }
    ret_course->span = (struct lane_span){ overall->begin_ns, MIN(view_now_ns(view), LANE_TIME_MAX) };
    if (overall->count == 0 || lane_span_length(ret_course->span) <= 0)
        return;
    ret_course->count = MIN(overall->count, (size_t)(lane_span_length(ret_course->span) / overall->part_ns));
    ret_course->covered =
        (double)overall->part_ns * (double)ret_course->count / (double)lane_span_length(ret_course->span);
    for (size_t i = 0; i < ret_course->count; i++)
        ret_course->rates[i] = overall_rate(overall, i);
}

static void mark(GArray *marks, int64_t time_ns)
{
    g_array_append_val(marks, time_ns);
}

static void collect_replay_marks(MonWhole *self, const struct replay *replay)
{
    for (int i = 0; i < REPLAY_PARTS; i++) {
        int64_t time_ns = lane_span_time(self->course.span, REPLAY_PARTS, i + 0.5);
        if (replay_parts(replay)[i].death)
            mark(self->deaths, time_ns);
        if (replay_parts(replay)[i].lost > 0)
            mark(self->losses, time_ns);
    }
}

static void collect_live_marks(MonWhole *self, const struct view *view)
{
    const struct events *events = &view->model->events;
    for (uint64_t i = 0; i < events_death_count(events); i++) {
        const struct record_death *death = &events_death_at(events, i)->said;
        if (death->pool == view->number && !death->expected)
            mark(self->deaths, death->time_ns);
    }
    for (uint64_t i = 0; i < events_loss_count(events); i++) {
        const struct record_lost *lost = events_loss_at(events, i);
        if (lost->count > 0 && (lost->pool == 0 || lost->pool == view->number))
            mark(self->losses, lost->from_ns);
    }
}

static void collect_marks(MonWhole *self, const struct view *view)
{
    const struct replay *replay = view->watch->replay;
    g_array_set_size(self->deaths, 0);
    g_array_set_size(self->losses, 0);
    if (replay != NULL && replay_is_known(replay))
        collect_replay_marks(self, replay);
    else
        collect_live_marks(self, view);
}

/* ---- Layers ---- */

static double room_of(MonWhole *self)
{
    return MAX(gtk_widget_get_width(GTK_WIDGET(self)) - LANE_HEAD - LANE_END, 1);
}

static double x_of(MonWhole *self, int64_t time_ns)
{
    double room = room_of(self);
    return CLAMP(lane_span_x(self->course.span, room, time_ns), 0, room);
}

static bool is_within(const MonWhole *self, int64_t time_ns)
{
    return time_ns >= self->course.span.from_ns && time_ns <= self->course.span.to_ns;
}

static void draw_map(MonWhole *self, GtkSnapshot *snapshot)
{
    GdkRGBA color = palette_color_in(GTK_WIDGET(self), PALETTE_accent), axis = palette_color(PALETTE_line2);
    double room = room_of(self);
    graphene_rect_t area = GRAPHENE_RECT_INIT(-GLYPH_SIZE, 0, (float)room + 2 * GLYPH_SIZE, MAP_HEIGHT);
    canvas_box(snapshot, 0, MAP_HEIGHT, room, 1, &axis);
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    map_draw_work(cairo, self->course.rates, self->course.count, room * MIN(self->course.covered, 1), MAP_HEIGHT,
                  &color, FILL);
    cairo_destroy(cairo);
}

/* Above what is shown, which would tint them. */
static void draw_marks(MonWhole *self, GtkSnapshot *snapshot)
{
    double room = room_of(self);
    graphene_rect_t area = GRAPHENE_RECT_INIT(-GLYPH_SIZE, 0, (float)room + 2 * GLYPH_SIZE, MAP_HEIGHT);
    cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
    for (guint i = 0; i < self->losses->len; i++)
        if (is_within(self, g_array_index(self->losses, int64_t, i)))
            map_draw_loss(cairo, x_of(self, g_array_index(self->losses, int64_t, i)), MAP_HEIGHT);
    double shape_x = MAP_NO_SHAPE;
    for (guint i = 0; i < self->deaths->len; i++)
        if (is_within(self, g_array_index(self->deaths, int64_t, i)))
            map_draw_death(cairo, x_of(self, g_array_index(self->deaths, int64_t, i)), MAP_HEIGHT, &shape_x);
    cairo_destroy(cairo);
}

static void draw_shown(MonWhole *self, GtkSnapshot *snapshot)
{
    GdkRGBA color = palette_color_in(GTK_WIDGET(self), PALETTE_accent), soft = color;
    double from = x_of(self, self->shown.from_ns), to = x_of(self, self->shown.to_ns);
    double width = MAX(to - from, LEAST_SHOWN), x = MIN(from, room_of(self) - width);
    soft.alpha = 0.25f;
    canvas_box(snapshot, x, 0, width, MAP_HEIGHT, &soft);
    canvas_box(snapshot, x, 0, 1.5, MAP_HEIGHT, &color);
    canvas_box(snapshot, x + width - 1.5, 0, 1.5, MAP_HEIGHT, &color);
    canvas_box(snapshot, x, 0, width, 1.5, &color);
    canvas_box(snapshot, x, MAP_HEIGHT - 1, width, 1.5, &color);
}

static void draw_clock(MonWhole *self, GtkSnapshot *snapshot, double part)
{
    int64_t time_ns = lane_span_time(self->course.span, 1, part);
    char clock[16];
    g_strlcpy(clock, text_clock(time_ns + self->wall_ns).text, 9);
    canvas_text(GTK_WIDGET(self), snapshot, clock, part * room_of(self), MAP_HEIGHT + 1, part, AXIS_PIXELS, false,
                PALETTE_dim);
}

static void draw_words(MonWhole *self, GtkSnapshot *snapshot)
{
    GtkWidget *widget = GTK_WIDGET(self);
    canvas_text(widget, snapshot, self->title, 16, 9, 0, 13, true, PALETTE_text);
    canvas_text(widget, snapshot, text_span(lane_span_length(self->course.span)).text, 16, 26, 0, 12.5, false,
                PALETTE_dim);
}

static void mon_whole_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonWhole *self = MON_WHOLE(widget);
    if (lane_span_length(self->course.span) <= 0)
        return;
    draw_words(self, snapshot);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(LANE_HEAD, MAP_TOP));
    draw_map(self, snapshot);
    draw_shown(self, snapshot);
    draw_marks(self, snapshot);
    for (int i = 0; i <= 2; i++)
        draw_clock(self, snapshot, i / 2.0);
    gtk_snapshot_restore(snapshot);
}

/* ---- The widget ---- */

static void move_to(MonWhole *self, double x)
{
    double room = room_of(self);
    if (lane_span_length(self->course.span) > 0)
        self->moved(self->user, lane_span_time(self->course.span, room, CLAMP(x - LANE_HEAD, 0, room)));
}

static void on_drag_begin(GtkGestureDrag *drag, double x, double y, MonWhole *self)
{
    (void)drag, (void)y;
    move_to(self, x);
}

static void on_drag_update(GtkGestureDrag *drag, double dx, double dy, MonWhole *self)
{
    double x, y;
    (void)dy;
    gtk_gesture_drag_get_start_point(drag, &x, &y);
    move_to(self, x + dx);
}

static void mon_whole_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
    (void)widget, (void)for_size;
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 0 : HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_whole_finalize(GObject *object)
{
    g_array_unref(MON_WHOLE(object)->deaths);
    g_array_unref(MON_WHOLE(object)->losses);
    G_OBJECT_CLASS(mon_whole_parent_class)->finalize(object);
}

static void mon_whole_class_init(MonWholeClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_whole_finalize;
    GTK_WIDGET_CLASS(class)->snapshot = mon_whole_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_whole_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void mon_whole_init(MonWhole *self)
{
    GtkGesture *drag = gtk_gesture_drag_new();
    self->deaths = g_array_new(FALSE, FALSE, sizeof(int64_t));
    self->losses = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), self);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), self);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(drag));
}

/* ---- As a table ---- */

enum { TIME, RATE, EVENT, COLUMNS };

static const struct table_column columns[COLUMNS] = {
    [TIME] = { "From", 90, TABLE_TEXT, false, false, false },
    [RATE] = { "Tasks", 84, TABLE_TEXT, true, false, false },
    [EVENT] = { "", 0, TABLE_TEXT, false, true, false },
};

static guint count_rows(GtkWidget *chart)
{
    return (guint)MON_WHOLE(chart)->course.count;
}

static struct lane_span span_of_part(const MonWhole *self, guint part)
{
    double length = (double)lane_span_length(self->course.span) * self->course.covered / (double)self->course.count;
    int64_t from_ns = self->course.span.from_ns;
    return (struct lane_span){ from_ns + (int64_t)(length * part), from_ns + (int64_t)(length * (part + 1)) };
}

static guint count_within(const GArray *marks, struct lane_span span)
{
    guint count = 0;
    for (guint i = 0; i < marks->len; i++) {
        int64_t time_ns = g_array_index(marks, int64_t, i);
        count += time_ns >= span.from_ns && time_ns < span.to_ns;
    }
    return count;
}

static void fill_events(const MonWhole *self, struct lane_span span, struct table_cell *cell)
{
    guint deaths = count_within(self->deaths, span), losses = count_within(self->losses, span);
    g_snprintf(cell->words.text, sizeof cell->words.text, "%s%s%s", deaths > 0 ? "a worker died" : "",
               deaths > 0 && losses > 0 ? ", " : "", losses > 0 ? "events were lost" : "");
}

static void fill_row(GtkWidget *chart, guint row, guint column, struct table_cell *ret_cell)
{
    MonWhole *self = MON_WHOLE(chart);
    struct lane_span span = span_of_part(self, row);
    if (column == TIME)
        g_strlcpy(ret_cell->words.text, text_clock(span.from_ns + self->wall_ns).text, sizeof ret_cell->words.text);
    else if (column == RATE)
        g_strlcpy(ret_cell->words.text, text_rate(self->course.rates[row]).text, sizeof ret_cell->words.text);
    else
        fill_events(self, span, ret_cell);
}

static char *title_of(GtkWidget *chart)
{
    return g_strdup(MON_WHOLE(chart)->title);
}

static const struct twin_kind twin = { columns, COLUMNS, count_rows, fill_row, title_of };

/* ---- Showing ---- */

static const char *title_for(const struct view *view, struct lane_span span)
{
    int64_t created_ns = view->pool->said.created_ns;
    if (view->watch->replay != NULL)
        return "Whole recording";
    return created_ns > 0 && span.from_ns - created_ns > LATE_NS ? "Watched so far" : "Whole run";
}

GtkWidget *mon_whole_new(void (*moved)(void *user, int64_t time_ns), void *user)
{
    MonWhole *self = g_object_new(MON_TYPE_WHOLE, NULL);
    self->title = "Whole run";
    self->moved = moved;
    self->user = user;
    twin_add(GTK_WIDGET(self), &twin);
    return GTK_WIDGET(self);
}

static bool is_shown(const MonWhole *self, const struct view *view, const struct whole_course *course,
                     struct lane_span shown)
{
    return self->records == view->model->records && self->wall_ns == lane_wall_ns(view) &&
           memcmp(&self->shown, &shown, sizeof shown) == 0 && memcmp(&self->course, course, sizeof *course) == 0;
}

void mon_whole_show(MonWhole *self, const struct view *view, struct lane_span shown)
{
    struct whole_course course;
    whole_collect(view, &course);
    if (is_shown(self, view, &course, shown))
        return;
    self->course = course;
    collect_marks(self, view);
    self->shown = shown;
    self->records = view->model->records;
    self->wall_ns = lane_wall_ns(view);
    self->title = title_for(view, self->course.span);
    g_autofree char *label = g_strdup_printf(
        "%s, %s: %s, events lost at %s", self->title, text_span(lane_span_length(self->course.span)).text,
        words_many(self->deaths->len, "death").text, words_many(self->losses->len, "time").text);
    parts_set_accessible_label(GTK_WIDGET(self), label);
    twin_changed(GTK_WIDGET(self));
    gtk_widget_queue_draw(GTK_WIDGET(self));
}
