#include "window/lanes.h"

#include "model/text.h"
#include "window/lane_draw.h"
#include "window/lane_table.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/twin.h"
#include <inttypes.h>

#define MIN_WIDTH 320
/* What a pointer moves while a button is down that is only clicked. */
#define CLICK_MOVES 4
/* What may lack of a lane of which nothing is missed. */
#define LANE_EDGE 3
/* By so much a step of the wheel zooms, and pans as a part of what is shown. */
#define ZOOM_STEP 1.25
#define PAN_STEP  0.1

struct _MonLanes {
    GtkWidget parent_instance;
    struct lanes_listener listener;
    GtkAdjustment *adjustment;
    struct view view;
    struct lane_look look;
    struct lane_rows rows;
    GArray *entries;  /* struct lane_entry, of the table twin */
    guint count;      /* of lanes, in all */
    int lane;         /* height of one */
    guint lane_waits; /* for a frame, to have another height; or 0 */
    bool is_stale;
    uint64_t records; /* of the model, when it was shown last, and its clock */
    int64_t now_ns;
    double pointer_x;
    struct lane_span dragged; /* what was shown when the button went down */
    bool is_ranging;
};

G_DEFINE_TYPE(MonLanes, mon_lanes, GTK_TYPE_WIDGET)

double mon_lanes_width(MonLanes *self)
{
    return MAX(gtk_widget_get_width(GTK_WIDGET(self)) - LANE_HEAD - LANE_END, 1);
}

struct lane_span mon_lanes_span(MonLanes *self)
{
    return self->look.span;
}

const GArray *mon_lanes_unknown(MonLanes *self)
{
    return self->rows.unknown;
}

static int fitting_lane(MonLanes *self)
{
    int room = (int)gtk_adjustment_get_page_size(self->adjustment);
    return lane_height(room, (int)self->count);
}

static bool has_view(MonLanes *self)
{
    return self->view.watch != NULL && view_renew(&self->view);
}

static int64_t time_at(MonLanes *self, double x)
{
    double width = mon_lanes_width(self);
    return lane_span_time(self->look.span, width, CLAMP(x - LANE_HEAD, 0, width));
}

/* ---- What is seen ---- */

static void make_rows(MonLanes *self)
{
    double top = gtk_adjustment_get_value(self->adjustment);
    double height = MAX(gtk_adjustment_get_page_size(self->adjustment), LANE_HEIGHT);
    guint first = (guint)(top / self->lane), count = (guint)(height / self->lane) + 2;
    lane_rows_make(&self->rows, &self->view, self->look.span, (int)mon_lanes_width(self), first, count);
    self->is_stale = false;
}

static void draw(MonLanes *self, GtkSnapshot *snapshot)
{
    struct lane_keys keys;
    struct lane_drawing drawing = { GTK_WIDGET(self),      snapshot,   &self->view,    &keys, self->look.span,
                                    mon_lanes_width(self), self->lane, self->look.only };
    lane_keys_make(&keys, self->view.pool);
    lane_draw_all(&drawing, &self->rows, &self->look, gtk_widget_get_height(GTK_WIDGET(self)));
}

static void mon_lanes_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
    MonLanes *self = MON_LANES(widget);
    if (lane_span_length(self->look.span) <= 0 || !has_view(self))
        return;
    if (self->is_stale || self->rows.width != (int)mon_lanes_width(self))
        make_rows(self);
    draw(self, snapshot);
}

/* ---- What is said of it ---- */

/* Timeline, 140 ms from 14:02:31.420: 6 lanes, 97 bars, 2 deaths. */
static void say(MonLanes *self)
{
    int64_t wall_ns = lane_wall_ns(&self->view);
    g_autofree char *label =
        g_strdup_printf("Timeline, %s from %s: %u of %s, %s, %s", text_duration(lane_span_length(self->look.span)).text,
                        text_clock(self->look.span.from_ns + wall_ns).text, self->rows.rows->len,
                        words_many(self->count, "worker").text, words_many(self->rows.pieces->len, "bar").text,
                        words_many(self->rows.deaths->len, "death").text);
    parts_set_accessible_label(GTK_WIDGET(self), label);
}

static bool find(MonLanes *self, double x, double y, uint32_t *ret_worker, struct bar *ret_bar)
{
    guint index = (guint)MAX(y / self->lane, 0) - self->rows.first;
    struct lane_span span = { time_at(self, x - 1), time_at(self, x + 2) };
    if (x < LANE_HEAD || index >= self->rows.rows->len || !has_view(self))
        return false;
    *ret_worker = g_array_index(self->rows.rows, struct lane_row, index).worker;
    return lane_bar_at(&self->view, *ret_worker, span, ret_bar);
}

/* The last one whose mark is there: that lies on top. */
static const struct lane_death *death_at(MonLanes *self, double x, double y)
{
    guint index = (guint)MAX(y / self->lane, 0) - self->rows.first;
    const struct lane_death *found = NULL;
    if (index >= self->rows.rows->len)
        return NULL;
    const struct lane_row *row = &g_array_index(self->rows.rows, struct lane_row, index);
    for (guint i = 0; i < row->deaths; i++) {
        const struct lane_death *death = &g_array_index(self->rows.deaths, struct lane_death, row->death + i);
        double mark = lane_death_mark(self->look.span, mon_lanes_width(self), death);
        if (mark >= 0 && x >= mark && x < mark + GLYPH_SIZE)
            found = death;
    }
    return found;
}

static gboolean on_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
    (void)keyboard, (void)data;
    MonLanes *self = MON_LANES(widget);
    struct bar bar;
    uint32_t worker;
    const struct lane_death *death = death_at(self, x, y);
    if (death != NULL) {
        gtk_tooltip_set_text(tooltip, death->words);
        return TRUE;
    }
    if (!find(self, x, y, &worker, &bar))
        return FALSE;
    struct words argument = lane_argument(&self->view, worker, &bar);
    g_autofree char *text = g_strdup_printf("%s %s" DOT "%s", lane_function_name(self->view.pool, bar.function),
                                            argument.text, text_duration(bar.end_ns - bar.begin_ns).text);
    gtk_tooltip_set_text(tooltip, text);
    return TRUE;
}

/* ---- What a user does ---- */

static void on_motion(GtkEventControllerMotion *motion, double x, double y, MonLanes *self)
{
    (void)motion, (void)y;
    self->pointer_x = x;
}

/* With Ctrl the wheel zooms, with Shift it pans; else it goes from lane to lane, and where all are seen it zooms. */
static gboolean on_scroll(GtkEventControllerScroll *scroll, double dx, double dy, MonLanes *self)
{
    GdkModifierType state = gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(scroll));
    bool all_seen = gtk_adjustment_get_upper(self->adjustment) <= gtk_adjustment_get_page_size(self->adjustment);
    int64_t length_ns = lane_span_length(self->look.span);
    if (dx == 0 && (state & GDK_SHIFT_MASK) != 0) {
        dx = dy;
        dy = 0;
    }
    if (dx != 0)
        self->listener.moved(self->listener.user,
                             self->look.span.from_ns + (int64_t)(dx * PAN_STEP * (double)length_ns));
    else if ((state & GDK_CONTROL_MASK) != 0 || all_seen)
        self->listener.zoomed(self->listener.user, dy > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, time_at(self, self->pointer_x));
    return dx != 0 || (state & GDK_CONTROL_MASK) != 0 || all_seen;
}

static void on_drag_begin(GtkGestureDrag *drag, double x, double y, MonLanes *self)
{
    (void)x, (void)y;
    GdkModifierType state = gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(drag));
    gtk_widget_grab_focus(GTK_WIDGET(self));
    self->dragged = self->look.span;
    self->is_ranging = (state & GDK_SHIFT_MASK) != 0;
}

static bool is_click(double dx, double dy)
{
    return ABS(dx) < CLICK_MOVES && ABS(dy) < CLICK_MOVES;
}

static void on_drag_update(GtkGestureDrag *drag, double dx, double dy, MonLanes *self)
{
    double x, y;
    gtk_gesture_drag_get_start_point(drag, &x, &y);
    if (is_click(dx, dy))
        return;
    int64_t one = time_at(self, x), other = time_at(self, x + dx);
    double moved = dx / mon_lanes_width(self) * (double)lane_span_length(self->dragged);
    if (self->is_ranging)
        self->listener.ranged(self->listener.user, (struct lane_span){ MIN(one, other), MAX(one, other) });
    else
        self->listener.moved(self->listener.user, self->dragged.from_ns - (int64_t)moved);
}

static void on_drag_end(GtkGestureDrag *drag, double dx, double dy, MonLanes *self)
{
    double x, y;
    struct bar bar;
    uint32_t worker = 0;
    gtk_gesture_drag_get_start_point(drag, &x, &y);
    if (!is_click(dx, dy))
        return;
    bool found = find(self, x, y, &worker, &bar);
    self->listener.chosen(self->listener.user, worker, found ? &bar : NULL);
}

static void add_controllers(MonLanes *self)
{
    GtkWidget *widget = GTK_WIDGET(self);
    GtkEventController *motion = gtk_event_controller_motion_new();
    GtkEventController *scroll = gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(motion, "motion", G_CALLBACK(on_motion), self);
    g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), self);
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), self);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), self);
    g_signal_connect(drag, "drag-end", G_CALLBACK(on_drag_end), self);
    gtk_widget_add_controller(widget, motion);
    gtk_widget_add_controller(widget, scroll);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
}

/* ---- The widget ---- */

static void mon_lanes_measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
    (void)for_size;
    int count = (int)MON_LANES(widget)->count;
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : count * MON_LANES(widget)->lane;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : count * LANE_HEIGHT;
    *minimum_baseline = *natural_baseline = -1;
}

static void mon_lanes_dispose(GObject *object)
{
    MonLanes *self = MON_LANES(object);
    if (self->adjustment != NULL)
        g_signal_handlers_disconnect_by_data(self->adjustment, self);
    g_clear_object(&self->adjustment);
    G_OBJECT_CLASS(mon_lanes_parent_class)->dispose(object);
}

static void mon_lanes_finalize(GObject *object)
{
    lane_rows_free(&MON_LANES(object)->rows);
    g_array_unref(MON_LANES(object)->entries);
    G_OBJECT_CLASS(mon_lanes_parent_class)->finalize(object);
}

/* What it looked at may be gone before it is seen again; its table outlives the page. */
static void mon_lanes_unmap(GtkWidget *widget)
{
    MON_LANES(widget)->view = (struct view){ .watch = NULL };
    GTK_WIDGET_CLASS(mon_lanes_parent_class)->unmap(widget);
}

static void mon_lanes_class_init(MonLanesClass *class)
{
    G_OBJECT_CLASS(class)->dispose = mon_lanes_dispose;
    G_OBJECT_CLASS(class)->finalize = mon_lanes_finalize;
    GTK_WIDGET_CLASS(class)->unmap = mon_lanes_unmap;
    GTK_WIDGET_CLASS(class)->snapshot = mon_lanes_snapshot;
    GTK_WIDGET_CLASS(class)->measure = mon_lanes_measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void mon_lanes_init(MonLanes *self)
{
    GtkWidget *widget = GTK_WIDGET(self);
    self->lane = LANE_HEIGHT;
    lane_rows_init(&self->rows);
    self->entries = g_array_new(FALSE, FALSE, sizeof(struct lane_entry));
    add_controllers(self);
    gtk_widget_set_has_tooltip(widget, TRUE);
    gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
    g_signal_connect(widget, "query-tooltip", G_CALLBACK(on_tooltip), NULL);
}

static void on_scrolled(GtkAdjustment *adjustment, MonLanes *self)
{
    (void)adjustment;
    self->is_stale = true;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void set_lane(MonLanes *self)
{
    self->lane = fitting_lane(self);
    self->is_stale = true;
    gtk_widget_queue_resize(GTK_WIDGET(self));
}

static gboolean on_frame(GtkWidget *widget, GdkFrameClock *clock, void *unused)
{
    (void)clock, (void)unused;
    MON_LANES(widget)->lane_waits = 0;
    set_lane(MON_LANES(widget));
    return G_SOURCE_REMOVE;
}

/* That is told while everything gets its place. */
static void on_resized(GtkAdjustment *adjustment, MonLanes *self)
{
    on_scrolled(adjustment, self);
    if (fitting_lane(self) != self->lane && self->lane_waits == 0)
        self->lane_waits = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_frame, NULL, NULL);
}

/* ---- As a table ---- */

static const struct table_column columns[LANE_COLUMNS] = {
    [LANE_WORKER] = { "Worker", 64, TABLE_TEXT, true, false, false },
    [LANE_TASK] = { "Task", 76, TABLE_TEXT, true, false, false },
    [LANE_FUNCTION] = { "Function", 110, TABLE_TEXT, false, false, false },
    [LANE_ARGUMENT] = { "Argument", 0, TABLE_TEXT, false, true, false },
    [LANE_STARTED] = { "Started", 104, TABLE_TEXT, false, false, false },
    [LANE_RAN] = { "Ran", 72, TABLE_TEXT, true, false, false },
    [LANE_ENDED] = { "Ended", 110, TABLE_TEXT, false, false, false },
};

static guint count_entries(GtkWidget *chart)
{
    MonLanes *self = MON_LANES(chart);
    if (has_view(self))
        lane_table_collect(self->entries, &self->view, self->look.span);
    return self->entries->len;
}

static void fill_entry(GtkWidget *chart, guint row, guint column, struct table_cell *ret_cell)
{
    MonLanes *self = MON_LANES(chart);
    if (row < self->entries->len && has_view(self))
        lane_table_fill(&self->view, &g_array_index(self->entries, struct lane_entry, row), (enum lane_column)column,
                        ret_cell);
}

static char *title_of(GtkWidget *chart)
{
    MonLanes *self = MON_LANES(chart);
    return g_strdup_printf("Tasks in %s", text_duration(lane_span_length(self->look.span)).text);
}

static const struct twin_kind twin = { columns, LANE_COLUMNS, count_entries, fill_entry, title_of };

/* ---- Showing ---- */

GtkWidget *mon_lanes_new(const struct lanes_listener *listener, GtkAdjustment *adjustment)
{
    MonLanes *self = g_object_new(MON_TYPE_LANES, NULL);
    self->listener = *listener;
    self->adjustment = g_object_ref(adjustment);
    g_signal_connect(adjustment, "value-changed", G_CALLBACK(on_scrolled), self);
    g_signal_connect(adjustment, "changed", G_CALLBACK(on_resized), self);
    twin_add(GTK_WIDGET(self), &twin);
    return GTK_WIDGET(self);
}

/* A recording that stands is looked at for long. */
static bool is_shown(const MonLanes *self, const struct view *view, const struct lane_look *look)
{
    return view_is_same(&self->view, view) && self->records == view->model->records &&
           self->now_ns == view_now_ns(view) && !self->is_stale && memcmp(&self->look, look, sizeof *look) == 0;
}

void mon_lanes_show(MonLanes *self, const struct view *view, const struct lane_look *look)
{
    if (is_shown(self, view, look))
        return;
    guint count = lane_worker_count(view);
    self->view = *view;
    self->look = *look;
    self->records = view->model->records;
    self->now_ns = view_now_ns(view);
    if (self->count != count) {
        self->count = count;
        set_lane(self);
    }
    make_rows(self);
    say(self);
    twin_changed(GTK_WIDGET(self));
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

void mon_lanes_reveal(MonLanes *self, uint32_t worker)
{
    guint index = 0;
    if (!has_view(self))
        return;
    for (uint32_t i = 0; i < worker; i++)
        index += pool_lane_at(self->view.pool, i) != NULL;
    gtk_adjustment_clamp_page(self->adjustment, (double)index * self->lane, (double)(index + 1) * self->lane);
}

void mon_lanes_count_hidden(MonLanes *self, guint *ret_above, guint *ret_below)
{
    int height = self->lane, begin = (int)gtk_adjustment_get_value(self->adjustment);
    int end = begin + (int)gtk_adjustment_get_page_size(self->adjustment);
    *ret_above = (guint)((begin - LANE_EDGE + height - 1) / height);
    *ret_below = self->count - MIN((guint)((end + LANE_EDGE) / height), self->count);
}
