#include "window/scrub.h"

#include "window/map.h"
#include "window/parts.h"
#include "window/says.h"

#define NS_PER_S 1e9
#define NO_BREAK "\xc2\xa0"

#define TIP_BEFORE "The death before (P)"
#define TIP_PLAY   "Play (space)"
#define TIP_NEXT   "The next death (N)"

struct _MonScrub {
    GtkBox parent_instance;
    GtkWidget *before, *play, *next, *speed, *at, *length, *map, *marks, *scale;
    struct watch *watch;
    bool is_showing;
};

G_DEFINE_TYPE(MonScrub, mon_scrub, GTK_TYPE_BOX)

static const double speeds[] = { 0.25, 1, 4, 16, 64 };
static const char *const speed_names[] = { "\xc2\xbc" NO_BREAK "\xc3\x97", "1" NO_BREAK "\xc3\x97",
                                           "4" NO_BREAK "\xc3\x97",        "16" NO_BREAK "\xc3\x97",
                                           "64" NO_BREAK "\xc3\x97",       NULL };

/* ---- What is done ---- */

void mon_scrub_toggle(MonScrub *self)
{
    if (self->watch != NULL)
        watch_play(self->watch, !self->watch->is_playing);
}

void mon_scrub_step(MonScrub *self, int direction)
{
    int64_t time_ns;
    if (self->watch == NULL || self->watch->replay == NULL)
        return;
    const struct replay *replay = self->watch->replay;
    if (!replay_find_death(replay, replay_at_ns(replay), direction, &time_ns))
        time_ns = direction > 0 ? replay_end_ns(replay) : replay_begin_ns(replay);
    watch_seek(self->watch, time_ns);
}

static void on_play(GtkButton *button, MonScrub *self)
{
    (void)button;
    mon_scrub_toggle(self);
}

static void on_before(GtkButton *button, MonScrub *self)
{
    (void)button;
    mon_scrub_step(self, -1);
}

static void on_next(GtkButton *button, MonScrub *self)
{
    (void)button;
    mon_scrub_step(self, 1);
}

static void on_speed(GtkDropDown *speed, GParamSpec *property, MonScrub *self)
{
    (void)property;
    guint chosen = gtk_drop_down_get_selected(speed);
    if (self->watch != NULL && chosen < G_N_ELEMENTS(speeds))
        watch_set_speed(self->watch, speeds[chosen]);
}

static void on_moved(GtkRange *range, MonScrub *self)
{
    if (self->is_showing || self->watch == NULL || self->watch->replay == NULL)
        return;
    watch_seek(self->watch, replay_begin_ns(self->watch->replay) + (int64_t)(gtk_range_get_value(range) * NS_PER_S));
}

/* ---- The widget ---- */

static void mon_scrub_class_init(MonScrubClass *class)
{
    (void)class;
}

/* The slider's trough is the map: keyboard and assistive technology know what a slider is. */
static GtkWidget *new_track(MonScrub *self)
{
    GtkWidget *overlay = gtk_overlay_new();
    self->map = mon_map_new();
    self->scale = gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.1);
    gtk_widget_add_css_class(self->scale, "scrubber");
    gtk_scale_set_draw_value(GTK_SCALE(self->scale), FALSE);
    gtk_overlay_set_child(GTK_OVERLAY(overlay), self->map);
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), self->scale);
    self->marks = mon_map_new_marks();
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), self->marks);
    gtk_widget_set_hexpand(overlay, TRUE);
    gtk_widget_set_valign(overlay, GTK_ALIGN_CENTER);
    g_signal_connect(self->scale, "value-changed", G_CALLBACK(on_moved), self);
    parts_set_accessible_label(self->scale, "Time in the recording, in seconds");
    return overlay;
}

static GtkWidget *new_button(MonScrub *self, const char *icon, const char *tip, GCallback clicked)
{
    GtkWidget *button = parts_icon_button(icon, NULL, "tool", NULL);
    parts_set_tooltip(button, tip);
    parts_set_accessible_label(button, tip);
    g_signal_connect(button, "clicked", clicked, self);
    return button;
}

static void mon_scrub_init(MonScrub *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_box_set_spacing(GTK_BOX(self), 10);
    gtk_widget_add_css_class(box, "scrub");
    self->before = parts_add(box, new_button(self, "go-previous-symbolic", TIP_BEFORE, G_CALLBACK(on_before)));
    self->play = parts_add(box, new_button(self, "media-playback-start-symbolic", TIP_PLAY, G_CALLBACK(on_play)));
    self->next = parts_add(box, new_button(self, "go-next-symbolic", TIP_NEXT, G_CALLBACK(on_next)));
    self->speed = parts_add(box, gtk_drop_down_new_from_strings(speed_names));
    gtk_drop_down_set_selected(GTK_DROP_DOWN(self->speed), 1);
    gtk_widget_set_valign(self->speed, GTK_ALIGN_CENTER);
    parts_set_accessible_label(self->speed, "Speed");
    g_signal_connect(self->speed, "notify::selected", G_CALLBACK(on_speed), self);
    self->at = parts_add(box, parts_short_label("", "body strong"));
    gtk_label_set_width_chars(GTK_LABEL(self->at), 6);
    gtk_label_set_xalign(GTK_LABEL(self->at), 1);
    parts_add(box, new_track(self));
    self->length = parts_add(box, parts_short_label("", "body dim"));
    gtk_widget_set_visible(box, FALSE);
}

GtkWidget *mon_scrub_new(void)
{
    return g_object_new(MON_TYPE_SCRUB, NULL);
}

/* 1:25.7 */
static void show_time(GtkWidget *label, int64_t ns)
{
    int64_t tenths = ns / 100000000;
    parts_set_format(label, "%d:%02d.%d", (int)(tenths / 600), (int)(tenths / 10 % 60), (int)(tenths % 10));
}

static void show_replay(MonScrub *self, const struct replay *replay)
{
    int64_t begin_ns = replay_begin_ns(replay), length_ns = replay_end_ns(replay) - begin_ns;
    bool is_known = replay_is_known(replay);
    if (!is_known || length_ns <= 0)
        return;
    gtk_range_set_range(GTK_RANGE(self->scale), 0, (double)length_ns / NS_PER_S);
    gtk_range_set_value(GTK_RANGE(self->scale), (double)(replay_at_ns(replay) - begin_ns) / NS_PER_S);
    show_time(self->at, replay_at_ns(replay) - begin_ns);
    show_time(self->length, length_ns);
}

/* What cannot be used says why, instead of what it does. */
static void allow(GtkWidget *widget, bool is_allowed, const char *tip, const struct watch *watch)
{
    gtk_widget_set_sensitive(widget, is_allowed);
    parts_set_tooltip(widget, is_allowed ? tip : says_why_stuck(watch));
}

/* What cannot be read again can still go forwards, if it is not at its end. */
static void show_ways(MonScrub *self, const struct watch *watch)
{
    const struct replay *replay = watch->replay;
    bool is_ahead = watch_can_play(watch);
    allow(self->before, watch->state == WATCH_REPLAY, TIP_BEFORE, watch);
    allow(self->play, is_ahead, TIP_PLAY, watch);
    allow(self->next, is_ahead, TIP_NEXT, watch);
    allow(self->speed, is_ahead, NULL, watch);
    allow(self->scale, is_ahead && replay_is_known(replay) && replay_end_ns(replay) > replay_begin_ns(replay), NULL,
          watch);
}

static void show_play(MonScrub *self, bool is_playing)
{
    GtkImage *picture = GTK_IMAGE(gtk_button_get_child(GTK_BUTTON(self->play)));
    const char *icon = is_playing ? "media-playback-pause-symbolic" : "media-playback-start-symbolic";
    if (g_strcmp0(gtk_image_get_icon_name(picture), icon) != 0)
        gtk_image_set_from_icon_name(picture, icon);
}

void mon_scrub_show(MonScrub *self, const struct view *view)
{
    struct watch *watch = view->watch != NULL && view->watch->replay != NULL ? view->watch : NULL;
    gtk_widget_set_visible(GTK_WIDGET(self), watch != NULL);
    self->watch = watch;
    mon_map_show(MON_MAP(self->map), watch != NULL ? watch->replay : NULL);
    mon_map_show(MON_MAP(self->marks), watch != NULL ? watch->replay : NULL);
    if (watch == NULL)
        return;
    show_play(self, watch->is_playing);
    show_ways(self, watch);
    self->is_showing = true;
    show_replay(self, watch->replay);
    self->is_showing = false;
}
