#include "window/notice.h"

#include "model/text.h"
#include "window/parts.h"
#include "window/says.h"
#include <inttypes.h>

#define LINES_MAX  3
#define NAME_CHARS 16
#define NS_PER_S   INT64_C(1000000000)

struct _MonNotice {
    GtkBox parent_instance;
    GtkWidget *glyph, *text, *path, *show, *next, *again, *save, *close;
};

G_DEFINE_TYPE(MonNotice, mon_notice, GTK_TYPE_BOX)

static void mon_notice_class_init(MonNoticeClass *class)
{
    (void)class;
}

/* Its name is of any length. */
static GtkWidget *new_next(void)
{
    GtkWidget *next = parts_button("", "tool", "win.go-on"), *label = gtk_button_get_child(GTK_BUTTON(next));
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars(GTK_LABEL(label), NAME_CHARS);
    return next;
}

static GtkWidget *new_text(MonNotice *self)
{
    GtkWidget *column = parts_column(0);
    self->text = parts_add(column, parts_paragraph("", ""));
    gtk_label_set_use_markup(GTK_LABEL(self->text), TRUE);
    gtk_label_set_lines(GTK_LABEL(self->text), LINES_MAX);
    gtk_label_set_ellipsize(GTK_LABEL(self->text), PANGO_ELLIPSIZE_END);
    self->path = parts_add(column, parts_path_label("dim"));
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(column, TRUE);
    return column;
}

static void mon_notice_init(MonNotice *self)
{
    GtkWidget *box = GTK_WIDGET(self);
    gtk_box_set_spacing(GTK_BOX(self), 10);
    gtk_widget_add_css_class(box, "notice");
    self->glyph = parts_add(box, mon_glyph_new(GLYPH_NONE));
    parts_add(box, new_text(self));
    self->show = parts_add(box, parts_button("Show", "tool", "win.page::locks"));
    self->next = parts_add(box, new_next());
    self->again = parts_add(box, parts_button("Try again", "tool", "win.again"));
    self->save = parts_add(box, parts_button("Save what was seen\xe2\x80\xa6", "tool", "win.save"));
    self->close = parts_add(box, parts_button("Close", "tool", "win.close-watch"));
    gtk_widget_set_visible(box, FALSE);
}

GtkWidget *mon_notice_new(void)
{
    return g_object_new(MON_TYPE_NOTICE, NULL);
}

struct said {
    enum glyph glyph;
    const char *class;
    char *head, *rest;
};

static struct said say_lost(const struct view *view)
{
    g_autofree char *clock = g_strndup(text_clock(model_wall_ns(view->model, view->model->now_ns)).text, 8);
    return (struct said){ GLYPH_BROKEN, "bad",
                          g_strdup_printf("Connection lost %s ago.", says_since(view->watch->heard_us).text),
                          g_strdup_printf(" The program still runs but stopped answering. The figures are the last "
                                          "ones it sent, at %s.",
                                          clock) };
}

/* A pool is freed before its program ends: how long it ran is told of both, unless the program went on without it. */
static bool has_ended_with_pool(const struct view *view)
{
    const struct model_pool *pool = view->pool;
    int64_t end_ns = view->model->now_ns;
    return pool != NULL && pool->said.created_ns != 0 && (pool->over_ns == 0 || end_ns - pool->over_ns < NS_PER_S);
}

static struct said say_ended(const struct view *view)
{
    struct words ago = says_since(view->watch->since_us), how = says_exit(&view->watch->how);
    if (!view->model->ended)
        return (struct said){ GLYPH_DEAD, "bad",
                              g_strdup_printf("The program %s died %s ago", view->watch->program, ago.text),
                              g_strdup_printf("%s. %s. The figures are the last ones it sent.", how.text,
                                              how.text[0] != '\0' ? "It did not say that it would end"
                                                                  : WORDS_DIED ": it ended without saying so") };
    g_autofree char *after =
        has_ended_with_pool(view)
            ? g_strdup_printf(", after %s", text_span(pool_age_ns(view->pool, view->model->now_ns)).text)
            : g_strdup("");
    return (struct said){ GLYPH_DONE, "info", g_strdup_printf("%s ended %s ago", view->watch->program, ago.text),
                          g_strdup_printf("%s%s. Its history stays here until you close it.", how.text, after) };
}

/* 4:12.0, from its beginning. */
static char *place_of(const struct replay *replay, int64_t time_ns)
{
    int64_t tenths = (time_ns - replay_begin_ns(replay)) / 100000000;
    return g_strdup_printf("%d:%02d.%d", (int)(tenths / 600), (int)(tenths / 10 % 60), (int)(tenths % 10));
}

static struct said say_cut(const struct view *view)
{
    g_autofree char *place = place_of(view->watch->replay, replay_end_ns(view->watch->replay));
    return (struct said){ GLYPH_WARNING, "warn", g_strdup(WORDS_CUT),
                          g_strdup_printf(", at %s, probably because the program was killed. %s", place,
                                          words_before_cut(replay_lost(view->watch->replay)).text) };
}

static struct said say_damaged(const struct view *view)
{
    return (struct said){ GLYPH_WARNING, "bad", g_strdup("This recording is damaged."),
                          g_strdup_printf(" What is shown came before the damage. %s",
                                          says_reason(view->watch->code, view->watch->why).text) };
}

/* What had happened by then is shown, too, in charts and lists; forwards it can still go. */
static struct said say_gone(const struct watch *watch)
{
    g_autofree char *place = place_of(watch->replay, replay_at_ns(watch->replay));
    const char *format = replay_is_at_end(watch->replay)
                             ? " The view stays at its end, %s. To see it as it was earlier, put the file back."
                             : " It can go on from %s, but not back. To see it as it was earlier, put the file back.";
    return (struct said){ GLYPH_WARNING, "bad", g_strdup("The file of this recording is gone."),
                          g_strdup_printf(format, place) };
}

/* Why is told; its path stands below. */
static struct said say_stuck(const struct watch *watch)
{
    g_autofree char *place = place_of(watch->replay, replay_at_ns(watch->replay));
    return (struct said){ GLYPH_WARNING, "bad", g_strdup("This recording cannot be read again"),
                          g_strdup_printf(", and so it cannot go back from %s. %s", place,
                                          says_reason(watch->code, watch->stuck).text) };
}

static struct said say_deadlock(const struct model *model, const struct deadlock *deadlock)
{
    return (struct said){
        GLYPH_DEADLOCK, "bad", g_strdup_printf("Deadlock for %s.", text_span(model->now_ns - deadlock->since_ns).text),
        g_strdup_printf(" %s %s", words_deadlock_brief(model, deadlock).text, words_deadlock_end(deadlock).text)
    };
}

static struct said say_freed(const struct view *view)
{
    return (struct said){ GLYPH_DONE, "info", g_strdup_printf("%s has ended.", says_title(view).text),
                          g_strdup(" Its program goes on, and its history stays here.") };
}

static struct said say(const struct view *view, bool says_deadlocks)
{
    struct deadlock deadlock;
    const struct watch *watch = view->watch;
    if (watch->state == WATCH_LOST)
        return say_lost(view);
    if (watch->state == WATCH_ENDED)
        return say_ended(view);
    if (watch->state == WATCH_STUCK)
        return watch->is_gone ? say_gone(watch) : say_stuck(watch);
    if (watch->replay != NULL && replay_is_cut(watch->replay))
        return say_cut(view);
    if (watch->replay != NULL && watch->why[0] != '\0')
        return say_damaged(view);
    if (says_deadlocks && objects_deadlocks(&view->model->objects, view->model->now_ns, &deadlock, 1) > 0)
        return say_deadlock(view->model, &deadlock);
    if (says_is_over(view))
        return say_freed(view);
    return (struct said){ GLYPH_NONE, "", NULL, NULL };
}

/* Show crash_parser; of two with that title: Show crash_parser (pid 4711), or (pool 2) of the same process. */
static char *next_label(const struct view *view, const struct view *next)
{
    struct words title = says_title(next);
    if (strcmp(says_title(view).text, title.text) != 0)
        return g_strdup_printf("Show %s", title.text);
    if (next->watch == view->watch)
        return g_strdup_printf("Show %s (pool %" PRIu32 ")", title.text, next->number);
    return g_strdup_printf("Show %s (pid %" PRId64 ")", title.text, next->watch->pid);
}

static void show_next(MonNotice *self, const struct view *view, const struct view *next)
{
    gtk_widget_set_visible(self->next, next->watch != NULL);
    if (next->watch == NULL)
        return;
    g_autofree char *label = next_label(view, next);
    if (g_strcmp0(gtk_button_get_label(GTK_BUTTON(self->next)), label) != 0)
        gtk_button_set_label(GTK_BUTTON(self->next), label);
}

/* A shape that has no state of its own is as bad as what is told. */
static enum palette_color color_of(const struct said *said)
{
    return said->glyph == GLYPH_WARNING && strcmp(said->class, "bad") == 0 ? PALETTE_bad : glyph_color(said->glyph);
}

void mon_notice_show(MonNotice *self, const struct view *view, const struct view *next, bool says_deadlocks)
{
    struct said said = say(view, says_deadlocks);
    gtk_widget_set_visible(GTK_WIDGET(self), said.head != NULL);
    if (said.head != NULL) {
        g_autofree char *markup = g_markup_printf_escaped("<b>%s</b>%s", said.head, said.rest);
        g_autofree char *plain = g_strconcat(said.head, said.rest, NULL);
        if (g_strcmp0(gtk_label_get_label(GTK_LABEL(self->text)), markup) != 0)
            gtk_label_set_markup(GTK_LABEL(self->text), markup);
        parts_set_tooltip(self->text, plain);
        mon_glyph_set(MON_GLYPH(self->glyph), said.glyph);
        mon_glyph_set_color(MON_GLYPH(self->glyph), color_of(&said));
        parts_set_class(GTK_WIDGET(self), said.class);
    }
    bool is_stuck = view->watch->state == WATCH_STUCK;
    gtk_widget_set_visible(self->path, is_stuck);
    if (is_stuck) {
        parts_set_text(self->path, says_path(view->watch->path).text);
        parts_set_tooltip(self->path, view->watch->path);
    }
    gtk_widget_set_visible(self->show, said.glyph == GLYPH_DEADLOCK);
    show_next(self, view, next);
    gtk_widget_set_visible(self->again, view->watch->state == WATCH_LOST || is_stuck);
    gtk_widget_set_visible(self->save, view->watch->state == WATCH_LOST || view->watch->state == WATCH_ENDED);
    gtk_widget_set_visible(self->close, view->watch->state == WATCH_ENDED || view->watch->replay != NULL);
    parts_set_text(gtk_button_get_child(GTK_BUTTON(self->close)),
                   view->watch->replay != NULL ? "Close recording" : "Close history");
    g_free(said.head);
    g_free(said.rest);
}
