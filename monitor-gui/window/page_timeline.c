#include "window/page_timeline.h"

#include "window/chosen_task.h"
#include "window/lane_draw.h"
#include "window/lanes.h"
#include "window/legend.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/shares.h"
#include "window/strip.h"
#include "window/whole.h"
#include "window/zoom_bar.h"

#define NARROW_WIDTH 860
#define AXIS_HEIGHT  30
#define FOOT_HEIGHT  22
/* Of what is shown a key pans so much. */
#define PAN_STEP 0.25
/* At least so much of the lanes is seen: little, for what is below them is cut as soon as it lacks a line. */
#define LANES_MIN (LANE_HEIGHT * 3 / 2)

#define MON_TYPE_PAGE_TIMELINE (mon_page_timeline_get_type())
G_DECLARE_FINAL_TYPE(MonPageTimeline, mon_page_timeline, MON, PAGE_TIMELINE, GtkBox)

struct _MonPageTimeline {
    GtkBox parent_instance;
    GtkWidget *legend, *zoom, *whole, *axis, *scroller, *lanes, *foot, *hidden, *chosen, *shares, *none;
    struct view view;
    struct lane_look look;
    guint axis_waits; /* for the width of the lanes; or 0 */
};

G_DEFINE_TYPE(MonPageTimeline, mon_page_timeline, GTK_TYPE_BOX)

/* ---- Showing ---- */

static bool is_narrow(MonPageTimeline *self)
{
    int width = parts_page_width(GTK_WIDGET(self));
    return width > 0 && width < NARROW_WIDTH;
}

static void put_axis(MonPageTimeline *self)
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

static bool has_view(MonPageTimeline *self)
{
    return self->view.watch != NULL && view_renew(&self->view) && lane_span_length(self->look.span) > 0;
}

static gboolean on_frame(GtkWidget *page, GdkFrameClock *clock, void *unused)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    (void)clock;
    (void)unused;
    if (gtk_widget_get_width(self->lanes) == 0)
        return G_SOURCE_CONTINUE;
    self->axis_waits = 0;
    if (has_view(self))
        put_axis(self);
    return G_SOURCE_REMOVE;
}

/* How many words there is room for is known once the page has its place: of a program that has ended nothing comes
 * after that. */
static void show_axis(MonPageTimeline *self)
{
    put_axis(self);
    if (gtk_widget_get_width(self->lanes) == 0 && self->axis_waits == 0)
        self->axis_waits = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_frame, NULL, NULL);
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

/* What scrolls shows no bar for that before a pointer is there. */
static void show_hidden(MonPageTimeline *self)
{
    guint above, below;
    mon_lanes_count_hidden(MON_LANES(self->lanes), &above, &below);
    if (above > 0 && below > 0)
        parts_set_format(self->hidden, "%u above" DOT "%u below", above, below);
    else if (above > 0 || below > 0)
        parts_set_format(self->hidden, "%u more %s", above + below, above > 0 ? "above" : "below");
    else
        parts_set_text(self->hidden, "");
}

static void show_chosen(MonPageTimeline *self)
{
    gtk_widget_set_visible(self->chosen, self->look.is_chosen);
    if (!self->look.is_chosen)
        return;
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
    mon_zoom_bar_show(MON_ZOOM_BAR(self->zoom), self->look.span, lane_look_bounds(&self->look, &self->view),
                      self->look.follows, is_narrow(self));
    show_axis(self);
    show_foot(self);
    show_hidden(self);
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

void mon_page_timeline_show(GtkWidget *page, const struct view *view)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    bool is_same = view_is_same(&self->view, view);
    self->view = *view;
    if (!is_same)
        lane_look_begin(&self->look);
    lane_look_renew(&self->look, view);
    mon_legend_show(MON_LEGEND(self->legend), view);
    show_lanes(self);
    show_shares(self);
}

/* ---- What a user does ---- */

static void on_zoomed(void *user, double factor, int64_t at_ns)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    lane_look_zoom(&self->look, &self->view, factor, at_ns);
    refresh(self);
}

static void on_zoom_step(void *user, double factor)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    lane_look_zoom_by(&self->look, &self->view, factor);
    refresh(self);
}

static void on_zoom_set(void *user, double zoom)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    lane_look_zoom_to(&self->look, &self->view, zoom);
    refresh(self);
}

static void on_fitted(void *user)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    lane_look_fit(&self->look, &self->view);
    refresh(self);
}

static void on_followed(void *user, bool follows)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    lane_look_follow(&self->look, &self->view, follows);
    refresh(self);
}

static void on_moved(void *user, int64_t from_ns)
{
    MonPageTimeline *self = user;
    if (!has_view(self))
        return;
    lane_look_move(&self->look, &self->view, from_ns);
    refresh(self);
}

static void on_whole(void *user, int64_t time_ns)
{
    MonPageTimeline *self = user;
    on_moved(self, time_ns - lane_span_length(self->look.span) / 2);
}

static void on_chosen(void *user, uint32_t worker, const struct bar *bar)
{
    MonPageTimeline *self = user;
    lane_look_choose(&self->look, worker, bar);
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

static bool press(struct lane_look *look, const struct view *view, enum timeline_key key)
{
    switch (key) {
    case TIMELINE_TASK_BEFORE:
    case TIMELINE_TASK_BEHIND:
        return lane_look_choose_beside(look, view, key == TIMELINE_TASK_BEFORE ? -1 : 1);
    case TIMELINE_LANE_ABOVE:
    case TIMELINE_LANE_BELOW:
        return lane_look_choose_lane(look, view, key == TIMELINE_LANE_ABOVE ? -1 : 1);
    case TIMELINE_DEATH_BEFORE:
    case TIMELINE_DEATH_BEHIND:
        return lane_look_death(look, view, key == TIMELINE_DEATH_BEFORE ? -1 : 1);
    case TIMELINE_EARLIER:
    case TIMELINE_LATER:
        lane_look_pan(look, view, key == TIMELINE_EARLIER ? -PAN_STEP : PAN_STEP);
        break;
    case TIMELINE_IN:
    case TIMELINE_OUT:
        lane_look_zoom_by(look, view, key == TIMELINE_IN ? 1 / ZOOM_BAR_STEP : ZOOM_BAR_STEP);
        break;
    case TIMELINE_FIT:
        lane_look_fit(look, view);
        break;
    case TIMELINE_BEGIN:
        lane_look_begin_of_all(look, view);
        break;
    case TIMELINE_END:
        lane_look_follow(look, view, true);
        break;
    }
    return true;
}

bool mon_page_timeline_press(GtkWidget *page, enum timeline_key key)
{
    MonPageTimeline *self = MON_PAGE_TIMELINE(page);
    bool is_used = has_view(self) && press(&self->look, &self->view, key);
    if (is_used)
        refresh(self);
    if (is_used && self->look.is_chosen)
        mon_lanes_reveal(MON_LANES(self->lanes), self->look.worker);
    return is_used;
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

static void on_scrolled(GtkAdjustment *adjustment, MonPageTimeline *self)
{
    (void)adjustment;
    if (gtk_widget_get_mapped(GTK_WIDGET(self)))
        show_hidden(self);
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
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroller), LANES_MIN);
    GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller));
    self->lanes = mon_lanes_new(&listener, adjustment);
    g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(on_scrolled), self, 0);
    g_signal_connect_object(adjustment, "changed", G_CALLBACK(on_scrolled), self, 0);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), self->lanes);
    return scroller;
}

/* Below the heads of the lanes there is nothing else. */
static GtkWidget *new_foot(MonPageTimeline *self)
{
    GtkWidget *foot = gtk_overlay_new();
    self->foot = mon_strip_new(FOOT_HEIGHT, false);
    self->hidden = parts_short_label("", "caption");
    gtk_overlay_set_child(GTK_OVERLAY(foot), self->foot);
    gtk_overlay_add_overlay(GTK_OVERLAY(foot), self->hidden);
    gtk_widget_set_halign(self->hidden, GTK_ALIGN_START);
    gtk_widget_set_valign(self->hidden, GTK_ALIGN_CENTER);
    gtk_widget_set_margin_start(self->hidden, 16);
    return foot;
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

/* Wherever in the window the focus is, or nowhere: what has it knows first. */
static void on_root(MonPageTimeline *self)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    if (root != NULL)
        timeline_keys_add(GTK_WIDGET(root), GTK_WIDGET(self), mon_page_timeline_press);
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
    self->whole = parts_add(box, mon_whole_new(on_whole, self));
    parts_add(box, parts_hair(GTK_ORIENTATION_HORIZONTAL));
    self->axis = parts_add(box, mon_strip_new(AXIS_HEIGHT, true));
    self->scroller = parts_add(box, new_lanes(self));
    parts_add(box, new_foot(self));
    parts_add(box, parts_hair(GTK_ORIENTATION_HORIZONTAL));
    self->chosen = parts_add(box, mon_chosen_task_new());
    gtk_widget_set_visible(self->chosen, FALSE);
    parts_add(box, new_shares(self));
    g_signal_connect(self, "notify::root", G_CALLBACK(on_root), NULL);
    /* Where lanes scroll, what they scroll in knows some of the keys. */
    timeline_keys_add(self->lanes, box, mon_page_timeline_press);
}

GtkWidget *mon_page_timeline_new(void)
{
    return g_object_new(MON_TYPE_PAGE_TIMELINE, NULL);
}
