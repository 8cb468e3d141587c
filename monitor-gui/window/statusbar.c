#include "window/statusbar.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"
#include "window/watch_limits.h"

#define SAID_US (6 * G_USEC_PER_SEC)

struct _MonStatusbar {
    GtkBox parent_instance;
    GtkWidget *glyph, *state, *events, *lost, *history, *cost;
    char *said; /* until then, instead of the state */
    int64_t said_until_us;
    const struct watch *watch; /* as whose the widths are kept, in this state */
    enum watch_state shown;
};

G_DEFINE_TYPE(MonStatusbar, mon_statusbar, GTK_TYPE_BOX)

static void mon_statusbar_finalize(GObject *object)
{
    g_free(MON_STATUSBAR(object)->said);
    G_OBJECT_CLASS(mon_statusbar_parent_class)->finalize(object);
}

static void mon_statusbar_class_init(MonStatusbarClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_statusbar_finalize;
}

static GtkWidget *new_fact(MonStatusbar *self)
{
    GtkWidget *fact = parts_add(GTK_WIDGET(self), parts_short_label("", "caption"));
    gtk_label_set_xalign(GTK_LABEL(fact), 1);
    return fact;
}

/* That of one process is told beside what it has. */
static void explain_bounds(MonStatusbar *self)
{
    struct words text = words_format("All that is watched has %s for its tasks. What nobody looks at makes room.",
                                     text_bytes(WATCH_BYTES_ALL).text);
    parts_set_tooltip(self->history, text.text);
}

static void mon_statusbar_init(MonStatusbar *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_box_set_spacing(GTK_BOX(self), 16);
    gtk_widget_add_css_class(box, "statusbar");
    GtkWidget *state = parts_add(box, parts_row(6));
    self->glyph = parts_add(state, mon_glyph_new(GLYPH_NONE));
    self->state = parts_add(state, parts_label("", "small"));
    gtk_widget_set_hexpand(state, TRUE);
    self->events = new_fact(self);
    self->lost = new_fact(self);
    self->history = new_fact(self);
    explain_bounds(self);
    self->cost = new_fact(self);
}

GtkWidget *mon_statusbar_new(void)
{
    return g_object_new(MON_TYPE_STATUSBAR, NULL);
}

static void say_state(MonStatusbar *self, enum glyph glyph, const char *class, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static void say_state(MonStatusbar *self, enum glyph glyph, const char *class, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    mon_glyph_set(MON_GLYPH(self->glyph), glyph);
    parts_set_text(self->state, text);
    parts_set_class(self->state, class);
}

static void show_lost_state(MonStatusbar *self, const struct watch *watch)
{
    int64_t left_us = watch->retry_us - g_get_monotonic_time();
    if (watch->retry_us != 0 && left_us > 0)
        say_state(self, GLYPH_BROKEN, "bad", "Not connected" DOT "trying again in %d" TEXT_BLANK "s",
                  (int)((left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC));
    else
        say_state(self, GLYPH_BROKEN, "bad", "Not connected" DOT "waiting for an answer");
}

static void show_state(MonStatusbar *self, const struct watch *watch)
{
    switch (watch->state) {
    case WATCH_ATTACHING:
        say_state(self, GLYPH_QUEUED, "", "Reading");
        break;
    case WATCH_LIVE:
        say_state(self, watch_is_recorded(watch) ? GLYPH_RECORDING : GLYPH_LIVE, "", "%s%s",
                  watch_is_recorded(watch) ? "Live" DOT "recording, " : "Live",
                  watch_is_recorded(watch) ? text_bytes(watch_recorded_bytes(watch)).text : "");
        break;
    case WATCH_LOST:
        show_lost_state(self, watch);
        break;
    case WATCH_ENDED:
        if (says_has_died(watch))
            say_state(self, GLYPH_DEAD, "bad", "Died");
        else
            say_state(self, GLYPH_DONE, "", "Ended");
        break;
    case WATCH_REPLAY:
        say_state(self, GLYPH_RECORDING, "", "Replaying a recording");
        break;
    case WATCH_STUCK:
        say_state(self, GLYPH_BROKEN, "bad", "Replaying a recording" DOT "%s",
                  watch->is_gone ? "its file is gone" : "it cannot be read again");
        break;
    default:
        say_state(self, GLYPH_BROKEN, "bad", "Not connected");
        break;
    }
}

static void show_lost(MonStatusbar *self, uint64_t lost, const char *when)
{
    parts_set_format(self->lost, "%s lost%s", text_count(lost).text, when);
    parts_set_class(self->lost, lost > 0 ? "warn" : "");
}

/* ---- Facts ---- */

#define COST "Watching costs %s of one CPU"

static void finish_fact(GtkWidget *label, bool is_wanted)
{
    bool is_shown = is_wanted && gtk_label_get_label(GTK_LABEL(label))[0] != '\0';
    gtk_widget_set_visible(label, is_shown);
    if (is_shown)
        parts_keep_width(label);
}

/* Some facts grow all the time, and what stands beside them is not to be pushed aside by each digit more: before they
 * are first said they get the room of the longest. */
static bool has_no_width(GtkWidget *label)
{
    int width;
    gtk_widget_get_size_request(label, &width, NULL);
    return width < 0;
}

static void say_bounds(MonStatusbar *self, const struct model *model, uint64_t count, uint64_t bytes)
{
    const struct tasks *tasks = &model->tasks;
    parts_set_format(self->history, "History %s of %s tasks%s, %s of %s", text_count(count).text,
                     text_count(tasks->capacity).text, words_of_all_pools(model), text_bytes(bytes).text,
                     text_bytes(tasks->bytes_max).text);
}

/* How many there are, and what they take: whichever of the two bounds is reached first makes the oldest go. */
static void show_bounds(MonStatusbar *self, const struct model *model)
{
    const struct tasks *tasks = &model->tasks;
    if (has_no_width(self->history)) {
        say_bounds(self, model, tasks->capacity, tasks->bytes_max);
        finish_fact(self->history, true);
    }
    say_bounds(self, model, tasks_count(tasks), tasks->bytes);
}

static void show_cost(MonStatusbar *self, double cpu)
{
    if (has_no_width(self->cost)) {
        parts_set_format(self->cost, COST, text_share(1).text);
        finish_fact(self->cost, true);
    }
    parts_set_format(self->cost, COST, text_share(cpu).text);
}

static void show_live(MonStatusbar *self, const struct model *model)
{
    double cpu, events;
    bool is_known = model_cost(model, &cpu, &events);
    parts_set_format(self->events, is_known ? "%s events/s" : "%s", is_known ? text_about(events).text : "");
    if (is_known)
        show_cost(self, cpu);
    else
        parts_set_text(self->cost, "");
    show_lost(self, events_lost(&model->events), "");
    show_bounds(self, model);
}

static void show_old(MonStatusbar *self, const struct model *model)
{
    parts_set_text(self->cost, "");
    if (model->heard_ns == 0) { /* it never said anything */
        parts_set_text(self->events, "");
        parts_set_text(self->lost, "");
        parts_set_text(self->history, "");
        return;
    }
    parts_set_format(self->events, "last event %s", text_clock(model_wall_ns(model, model->now_ns)).text);
    show_lost(self, events_lost(&model->events), " until then");
    parts_set_format(self->history, "History %s%s", words_many(tasks_count(&model->tasks), "task").text,
                     words_of_all_pools(model));
}

static void show_replay(MonStatusbar *self, const struct watch *watch)
{
    const struct replay *replay = watch->replay;
    parts_set_format(self->events, "%s", words_many(replay_records(replay), "event").text);
    show_lost(self, replay_lost(replay), " while recording");
    parts_set_text(self->history, "");
    parts_set_text(self->cost, watch->state == WATCH_STUCK ? ""
                               : !replay_is_known(replay)  ? "reading\xe2\x80\xa6"
                               : replay_is_cut(replay)     ? "cut short"
                               : replay_lost(replay) == 0  ? "complete"
                                                           : "otherwise complete");
}

static void show_nothing(MonStatusbar *self)
{
    say_state(self, GLYPH_QUEUED, "", "Looking for pools");
    parts_set_text(self->events, "");
    parts_set_text(self->lost, "");
    parts_set_text(self->history, "");
    parts_set_format(self->cost, "Protocol %u", RECORD_VERSION);
}

/* A recording that cannot be read. */
static void show_unread(MonStatusbar *self, const struct watch *watch)
{
    show_nothing(self);
    if (watch->state == WATCH_UNREADABLE)
        say_state(self, GLYPH_BROKEN, "bad", watch->is_gone ? "Its file is gone" : "Cannot be read");
    else
        show_state(self, watch);
}

static void show_attaching(MonStatusbar *self, const struct watch *watch)
{
    show_nothing(self);
    show_state(self, watch);
}

static void show_frozen(MonStatusbar *self, const struct watch *watch)
{
    say_state(self, GLYPH_PAUSED, "", "Display frozen %s ago" DOT "%s new events" DOT "Space goes on",
              says_since(watch->frozen.since_us).text, text_count(watch_held(watch)).text);
}

/* Of another one, or in another state, they say something else. */
static void forget_widths(MonStatusbar *self, const struct watch *watch)
{
    GtkWidget *const facts[] = { self->events, self->lost, self->history, self->cost };
    if (watch == NULL || (self->watch == watch && self->shown == watch->state))
        return;
    self->watch = watch;
    self->shown = watch->state;
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++)
        gtk_widget_set_size_request(facts[i], -1, -1);
}

static void show_watch(MonStatusbar *self, const struct view *view)
{
    show_state(self, view->watch);
    if (view->watch->replay != NULL)
        show_replay(self, view->watch);
    else if (view->watch->state == WATCH_LIVE)
        show_live(self, view->model);
    else
        show_old(self, view->model);
    if (watch_is_frozen(view->watch))
        show_frozen(self, view->watch);
}

void mon_statusbar_say(MonStatusbar *self, const char *text)
{
    g_free(self->said);
    self->said = g_strdup(text);
    self->said_until_us = g_get_monotonic_time() + SAID_US;
    say_state(self, GLYPH_DONE, "", "%s", text);
}

void mon_statusbar_show(MonStatusbar *self, const struct view *view)
{
    if (view->watch == NULL)
        show_nothing(self);
    else if (view->model == NULL)
        show_unread(self, view->watch);
    else if (view->watch->state == WATCH_ATTACHING && view->pool == NULL)
        show_attaching(self, view->watch);
    else
        show_watch(self, view);
    if (g_get_monotonic_time() < self->said_until_us)
        say_state(self, GLYPH_DONE, "", "%s", self->said);
    parts_set_tooltip(self->state, gtk_label_get_label(GTK_LABEL(self->state)));
    forget_widths(self, view->watch);
    finish_fact(self->events, true);
    finish_fact(self->lost, true);
    finish_fact(self->history, !parts_is_narrow(GTK_WIDGET(self)));
    finish_fact(self->cost, true);
}
