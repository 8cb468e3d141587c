#include "window/page_timeline.h"

#include "window/chosen_task.h"
#include "window/lane_draw.h"
#include "window/lanes.h"
#include "window/legend.h"
#include "window/parts.h"
#include "window/shares.h"
#include "window/strip.h"
#include "window/whole.h"
#include "window/zoom_bar.h"

/* So much is shown at first: until so many tasks have ended, and then so many of the usual length. */
#define FIRST_NS      (INT64_C(10) * 1000000000)
#define FIRST_LEAST   (INT64_C(2) * 1000000000)
#define FIRST_MOST    (INT64_C(120) * 1000000000)
#define FIRST_TASKS   20
#define FIRST_LENGTHS 40
#define NARROW_WIDTH  860
#define AXIS_HEIGHT   30
#define FOOT_HEIGHT   22
/* Of what is shown a key pans so much. */
#define PAN_STEP   0.25
#define LANES_SEEN 4

#define MON_TYPE_PAGE_TIMELINE (mon_page_timeline_get_type())
G_DECLARE_FINAL_TYPE(MonPageTimeline, mon_page_timeline, MON, PAGE_TIMELINE, GtkBox)

struct _MonPageTimeline {
    GtkBox parent_instance;
    GtkWidget *legend, *zoom, *whole, *axis, *scroller, *lanes, *foot, *chosen, *shares, *none;
    struct view view;
    struct lanes_look look;
    bool follows, is_settled; /* is_settled: how much is shown does not change by itself any more */
    int64_t first_ns;         /* so much was, or is, shown at first */
    unsigned calls;
};

G_DEFINE_TYPE(MonPageTimeline, mon_page_timeline, GTK_TYPE_BOX)

/* ---- The time that is shown ---- */

static int64_t now_of(MonPageTimeline *self)
{
    return CLAMP(self->view.model->now_ns, 1, LANE_TIME_MAX);
}

/* All that is known; and before that as much as makes a first look. */
static struct lane_span bounds_of(MonPageTimeline *self)
{
    int64_t begun_ns = self->view.model->bars.begun_ns, now_ns = now_of(self);
    begun_ns = begun_ns > 0 ? MIN(begun_ns, now_ns) : now_ns;
    return (struct lane_span){ MIN(begun_ns, now_ns - self->first_ns), now_ns };
}

static struct lane_span whole_of(MonPageTimeline *self)
{
    struct lane_span bounds = bounds_of(self);
    int64_t since_ns = CLAMP(bars_since_ns(&self->view.model->bars), bounds.from_ns, bounds.to_ns);
    return lane_span_within(bounds, since_ns, bounds.to_ns - since_ns);
}

/* So much that bars can be told apart, once there are some. */
static int64_t first_length(MonPageTimeline *self)
{
    struct lane_span last = { now_of(self) - FIRST_MOST, now_of(self) };
    struct shares shares;
    uint64_t tasks = 0;
    int64_t usual_ns = 0;
    shares_count(&self->view, last, &shares);
    for (int i = 0; i < SHARES; i++) {
        tasks += shares.parts[i].tasks;
        usual_ns = MAX(usual_ns, shares.parts[i].p50_ns);
    }
    self->is_settled = tasks >= FIRST_TASKS;
    return self->is_settled ? CLAMP(MIN(usual_ns, FIRST_MOST) * FIRST_LENGTHS, FIRST_LEAST, FIRST_MOST) : FIRST_NS;
}

static void follow(MonPageTimeline *self)
{
    int64_t length_ns = lane_span_length(self->look.span);
    if (!self->is_settled)
        length_ns = self->first_ns = first_length(self);
    self->look.span = lane_span_within(bounds_of(self), now_of(self) - length_ns, length_ns);
}

/* ---- Showing ---- */

static bool is_narrow(MonPageTimeline *self)
{
    int width = gtk_widget_get_width(GTK_WIDGET(self));
    return width > 0 && width < NARROW_WIDTH;
}

static void show_axis(MonPageTimeline *self)
{
    struct lane_tick ticks[LANE_TICKS_MAX];
    struct strip_word words[LANE_TICKS_MAX];
    size_t count =
        lane_span_ticks(self->look.span, mon_lanes_width(MON_LANES(self->lanes)), lane_wall_ns(&self->view), ticks);
    for (size_t i = 0; i < count; i++) {
        words[i].time_ns = ticks[i].time_ns;
        words[i].align = 0;
        g_strlcpy(words[i].text, ticks[i].text.text, sizeof words[i].text);
    }
    mon_strip_show(MON_STRIP(self->axis), self->look.span, words, (guint)count);
}

static int by_time(gconstpointer one, gconstpointer other)
{
    int64_t a = ((const struct strip_word *)one)->time_ns, b = ((const struct strip_word *)other)->time_ns;
    return (a > b) - (a < b);
}

static void show_foot(MonPageTimeline *self)
{
    const GArray *unknown = mon_lanes_unknown(MON_LANES(self->lanes));
    g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(struct strip_word));
    for (guint i = 0; i < unknown->len; i++) {
        const struct lane_unknown *each = &g_array_index(unknown, struct lane_unknown, i);
        int64_t from_ns = MAX(each->from_ns, self->look.span.from_ns), to_ns = MIN(each->to_ns, self->look.span.to_ns);
        struct strip_word word = { from_ns + (to_ns - from_ns) / 2, 0.5, "" };
        g_strlcpy(word.text, each->words, sizeof word.text);
        g_array_append_val(words, word);
    }
    g_array_sort(words, by_time);
    mon_strip_show(MON_STRIP(self->foot), self->look.span, (struct strip_word *)(void *)words->data, words->len);
}

/* A task that ran when it was chosen may have ended since. */
static void renew_chosen(MonPageTimeline *self)
{
    struct bars_walk walk = { self->look.bar.begin_ns - 1, INT64_MAX, self->view.number, self->look.worker, 0, 0 };
    const struct bar *bar;
    struct bar running;
    if (self->look.bar.end != 0)
        return;
    while ((bar = bars_next(&self->view.model->bars, &walk, NULL)) != NULL)
        if (bar->task == self->look.bar.task && bar->item == self->look.bar.item) {
            self->look.bar = *bar;
            return;
        }
    if (lane_running_bar(&self->view, self->look.worker, &running) && running.task == self->look.bar.task)
        self->look.bar = running;
}

static void show_chosen(MonPageTimeline *self)
{
    gtk_widget_set_visible(self->chosen, self->look.is_chosen);
    if (!self->look.is_chosen)
        return;
    renew_chosen(self);
    mon_chosen_task_show(MON_CHOSEN_TASK(self->chosen), &self->view, self->look.worker, &self->look.bar,
                         is_narrow(self));
}

static void show_shares(MonPageTimeline *self)
{
    bool is_range = lane_span_length(self->look.range) > 0;
    mon_shares_show(MON_SHARES(self->shares), &self->view, is_range ? self->look.range : self->look.span, is_range);
}

static void show_lanes(MonPageTimeline *self)
{
    self->look.only = mon_legend_get_only(MON_LEGEND(self->legend));
    show_chosen(self);
    mon_lanes_show(MON_LANES(self->lanes), &self->view, &self->look);
    mon_zoom_bar_show(MON_ZOOM_BAR(self->zoom), self->look.span, bounds_of(self), self->follows, is_narrow(self));
    show_axis(self);
    show_foot(self);
    mon_whole_show(MON_WHOLE(self->whole), &self->view, self->look.span);
}

/* At once, because the user did something. */
static void refresh(MonPageTimeline *self)
{
    if (!view_renew(&self->view))
        return;
    show_lanes(self);
    show_shares(self);
}

static void begin(MonPageTimeline *self)
{
    self->follows = true;
    self->is_settled = false;
    self->first_ns = FIRST_NS;
    self->look = (struct lanes_look){ .only = 0 };
}

void mon_page_timeline_show(GtkWidget *page, const struct view *view)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    bool is_same = self->view.watch == view->watch && self->view.number == view->number;
    self->view = *view;
    if (!is_same)
        begin(self);
    if (self->follows)
        follow(self);
    mon_legend_show(MON_LEGEND(self->legend), view);
    show_lanes(self);
    if (self->calls++ % 2 == 0 || !is_same)
        show_shares(self);
}

/* ---- What a user does ---- */

static void look_at(MonPageTimeline *self, struct lane_span span)
{
    self->look.span = span;
    self->is_settled = true;
    self->follows = span.to_ns >= now_of(self) && self->follows;
    refresh(self);
}

static bool has_view(MonPageTimeline *self)
{
    return self->view.watch != NULL && view_renew(&self->view) && lane_span_length(self->look.span) > 0;
}

static void on_zoomed(void *user, double factor, int64_t at_ns)
{
    MonPageTimeline *self = user;
    if (has_view(self))
        look_at(self, lane_span_zoom(self->look.span, bounds_of(self), factor, at_ns));
}

/* What is followed stays at its end; else the middle stays where it is. */
static int64_t anchor(MonPageTimeline *self)
{
    if (self->follows)
        return self->look.span.to_ns;
    return self->look.span.from_ns + lane_span_length(self->look.span) / 2;
}

static void on_zoom_step(void *user, double factor)
{
    on_zoomed(user, factor, anchor(user));
}

static void on_zoom_set(void *user, double zoom)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    double factor = (double)lane_span_length_at(bounds_of(self), zoom) / (double)lane_span_length(self->look.span);
    on_zoomed(self, factor, anchor(self));
}

static void on_fitted(void *user)
{
    MonPageTimeline *self = user;
    if (has_view(self))
        look_at(self, whole_of(self));
}

static void on_followed(void *user, bool follows)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    self->follows = follows;
    if (follows)
        follow(self);
    refresh(self);
}

static void on_moved(void *user, int64_t from_ns)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    struct lane_span span = lane_span_within(bounds_of(self), from_ns, lane_span_length(self->look.span));
    self->follows = false;
    look_at(self, span);
}

static void look_around(void *user, int64_t time_ns)
{
    MonPageTimeline *self = user;
    on_moved(self, time_ns - lane_span_length(self->look.span) / 2);
}

static void on_chosen(void *user, uint32_t worker, const struct bar *bar)
{
    MonPageTimeline *self = user;
    self->look.is_chosen = bar != NULL;
    self->look.worker = worker;
    if (bar != NULL)
        self->look.bar = *bar;
    refresh(self);
}

static void on_ranged(void *user, struct lane_span range)
{
    MonPageTimeline *self = user;
    self->look.range = range;
    refresh(self);
}

static void on_legend(MonLegend *legend, MonPageTimeline *self)
{
    (void)legend;
    refresh(self);
}

/* ---- Keys ---- */

static void choose_and_show(MonPageTimeline *self, uint32_t worker, const struct bar *bar)
{
    struct lane_span span = self->look.span;
    bool is_seen = bar->begin_ns < span.to_ns && bar->end_ns >= span.from_ns;
    on_chosen(self, worker, bar);
    if (!is_seen)
        look_around(self, bar->begin_ns);
}

/* The task beside the chosen one; of none the last that is seen, in the first lane. */
static bool choose_beside(MonPageTimeline *self, int direction)
{
    struct bar bar;
    uint32_t worker = self->look.is_chosen ? self->look.worker : 0;
    int64_t from_ns = self->look.is_chosen ? self->look.bar.begin_ns : self->look.span.to_ns;
    if (!lane_bar_beside(&self->view, worker, from_ns, self->look.is_chosen ? direction : -1, &bar))
        return false;
    choose_and_show(self, worker, &bar);
    return true;
}

/* What ran in another lane while the chosen one did. */
static bool choose_lane(MonPageTimeline *self, int direction)
{
    struct bar bar;
    int64_t worker = (int64_t)self->look.worker + direction;
    if (!self->look.is_chosen)
        return choose_beside(self, -1);
    for (; worker >= 0 && worker < (int64_t)self->view.pool->workers.count; worker += direction) {
        struct lane_span span = { self->look.bar.begin_ns, self->look.bar.end_ns + 1 };
        if (!lane_bar_at(&self->view, (uint32_t)worker, span, &bar) &&
            !lane_bar_beside(&self->view, (uint32_t)worker, span.from_ns, -1, &bar))
            continue;
        choose_and_show(self, (uint32_t)worker, &bar);
        return true;
    }
    return false;
}

static bool go_to_death(MonPageTimeline *self, int direction)
{
    int64_t middle_ns = self->look.span.from_ns + lane_span_length(self->look.span) / 2, time_ns;
    if (!lane_death_beside(&self->view, middle_ns + direction * (lane_span_length(self->look.span) / 64), direction,
                           &time_ns))
        return false;
    look_around(self, time_ns);
    return true;
}

static void pan(MonPageTimeline *self, double part)
{
    on_moved(self, lane_span_pan(self->look.span, bounds_of(self), part).from_ns);
}

bool mon_page_timeline_press(GtkWidget *page, enum timeline_key key)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    if (!has_view(self))
        return false;
    switch (key) {
    case TIMELINE_EARLIER:
    case TIMELINE_LATER:
        pan(self, key == TIMELINE_EARLIER ? -PAN_STEP : PAN_STEP);
        return true;
    case TIMELINE_IN:
    case TIMELINE_OUT:
        on_zoom_step(self, key == TIMELINE_IN ? 1 / ZOOM_BAR_STEP : ZOOM_BAR_STEP);
        return true;
    case TIMELINE_FIT:
        on_fitted(self);
        return true;
    case TIMELINE_BEGIN:
        on_moved(self, whole_of(self).from_ns);
        return true;
    case TIMELINE_END:
        on_followed(self, true);
        return true;
    case TIMELINE_TASK_BEFORE:
    case TIMELINE_TASK_BEHIND:
        return choose_beside(self, key == TIMELINE_TASK_BEFORE ? -1 : 1);
    case TIMELINE_LANE_ABOVE:
    case TIMELINE_LANE_BELOW:
        return choose_lane(self, key == TIMELINE_LANE_ABOVE ? -1 : 1);
    case TIMELINE_DEATH_BEFORE:
    case TIMELINE_DEATH_BEHIND:
        return go_to_death(self, key == TIMELINE_DEATH_BEFORE ? -1 : 1);
    }
    return false;
}

bool mon_page_timeline_escape(GtkWidget *page)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    bool had = self->look.is_chosen || lane_span_length(self->look.range) > 0;
    if (lane_span_length(self->look.range) > 0)
        self->look.range = (struct lane_span){ 0, 0 };
    else
        self->look.is_chosen = false;
    if (has_view(self))
        refresh(self);
    return had;
}

char *mon_page_timeline_copy(GtkWidget *page)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    return self->look.is_chosen ? mon_chosen_task_text(MON_CHOSEN_TASK(self->chosen)) : NULL;
}

/* ---- The page ---- */

static GtkWidget *new_toolbar(MonPageTimeline *self)
{
    const struct zoom_listener listener = { on_zoom_step, on_zoom_set, on_fitted, on_followed, self };
    GtkWidget *bar = parts_row(12);
    gtk_widget_add_css_class(bar, "toolbar");
    self->legend = parts_add(bar, mon_legend_new());
    gtk_widget_set_hexpand(self->legend, TRUE);
    g_signal_connect(self->legend, "chosen", G_CALLBACK(on_legend), self);
    self->zoom = parts_add(bar, mon_zoom_bar_new(&listener));
    return bar;
}

static GtkWidget *new_lanes(MonPageTimeline *self)
{
    const struct lanes_listener listener = { on_zoomed, on_moved, on_chosen, on_ranged, self };
    GtkWidget *scroller = gtk_scrolled_window_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scroller), TRUE);
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroller), LANES_SEEN * LANE_HEIGHT);
    self->lanes = mon_lanes_new(&listener, gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller)));
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), self->lanes);
    return scroller;
}

static GtkWidget *new_shares(MonPageTimeline *self)
{
    GtkWidget *scroller = gtk_scrolled_window_new();
    self->shares = mon_shares_new();
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scroller), TRUE);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), self->shares);
    return scroller;
}

static void mon_page_timeline_class_init(MonPageTimelineClass *class)
{
    (void)class;
}

static void mon_page_timeline_init(MonPageTimeline *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    parts_add(box, new_toolbar(self));
    self->whole = parts_add(box, mon_whole_new(look_around, self));
    parts_add(box, parts_hair(GTK_ORIENTATION_HORIZONTAL));
    self->axis = parts_add(box, mon_strip_new(AXIS_HEIGHT, true));
    self->scroller = parts_add(box, new_lanes(self));
    self->foot = parts_add(box, mon_strip_new(FOOT_HEIGHT, false));
    parts_add(box, parts_hair(GTK_ORIENTATION_HORIZONTAL));
    self->chosen = parts_add(box, mon_chosen_task_new());
    gtk_widget_set_visible(self->chosen, FALSE);
    parts_add(box, new_shares(self));
    timeline_keys_add(box, mon_page_timeline_press);
}

GtkWidget *mon_page_timeline_new(void)
{
    return g_object_new(MON_TYPE_PAGE_TIMELINE, NULL);
}
