#include "window/page_message.h"

#include "model/source.h"
#include "window/parts.h"
#include "window/says.h"
#include <inttypes.h>
#include <mproc/base.h>

#define PATIENCE_US (300 * 1000)
/* What a program of this library says by itself: that it is full. */
#define FULL_AND_NO_MORE "as many programs watch this process as may"

struct _MonPageMessage {
    GtkBox parent_instance;
    GtkWidget *head, *why, *sentence, *told, *path, *again, *copy, *close;
};

G_DEFINE_TYPE(MonPageMessage, mon_page_message, GTK_TYPE_BOX)

static void mon_page_message_class_init(MonPageMessageClass *class)
{
    (void)class;
}

static void copy_versions(GtkButton *button, MonPageMessage *self)
{
    const char *told = gtk_label_get_label(GTK_LABEL(self->told)), *head = gtk_label_get_label(GTK_LABEL(self->head));
    g_autofree char *text = g_strdup_printf("mproc-monitor %s, protocol %u: %s", mproc_version(), RECORD_VERSION,
                                            told[0] != '\0' ? told : head);
    parts_copy(GTK_WIDGET(button), text);
}

static void mon_page_message_init(MonPageMessage *self)
{
    GtkWidget *column = parts_column(6), *buttons = parts_row(8);
    self->head = parts_add(column, parts_paragraph("", "hero"));
    self->path = parts_add(column, parts_path_label("dim"));
    self->why = parts_add(column, parts_paragraph("", "dim"));
    self->sentence = parts_add(column, parts_paragraph("", "dim"));
    self->told = parts_add(column, parts_paragraph("", "caption"));
    self->again = parts_add(buttons, parts_button("Look again", "tool", "win.again"));
    self->copy = parts_add(buttons, parts_button("Copy versions", "tool", NULL));
    self->close = parts_add(buttons, parts_button("Close", "tool", "win.close-watch"));
    g_signal_connect(self->copy, "clicked", G_CALLBACK(copy_versions), self);
    gtk_widget_set_margin_top(buttons, 10);
    parts_add(column, buttons);
    parts_add_middle(GTK_WIDGET(self), column);
}

GtkWidget *mon_page_message_new(void)
{
    return g_object_new(MON_TYPE_PAGE_MESSAGE, NULL);
}

struct said {
    const char *head, *sentence;
    struct words own_head; /* instead of head, where it has figures in it */
};

/* What a newcomer can do about it; the words in which it was said stand below. */
static struct said say_refused(const struct watch *watch)
{
    static const char head[] = "This pool does not let you look";
    if (watch->code == MPROC_E_FOREIGN)
        return (struct said){ head, "It belongs to another user, or its program allows only itself. Start the monitor "
                                    "as that user." };
    if (strstr(watch->why, SOURCE_IS_FULL) != NULL)
        return (struct said){ "Too many monitors watch this program",
                              "Other monitors are already watching this program, and it allows only so many. Close one "
                              "of them, then look again." };
    if (strstr(watch->why, SOURCE_REFUSES) == NULL)
        return (struct said){ head, "Put that right, then look again." };
    return (struct said){ head, "Its program has sent this monitor away. Look again in a while; if that does not help, "
                                "install the monitor that came with the program\xe2\x80\x99s mproc library." };
}

/* Of both versions, which the reason names. */
static struct words head_of_versions(const char *why)
{
    unsigned theirs, ours;
    const char *speaks = strstr(why, "it speaks protocol ");
    if (speaks == NULL || sscanf(speaks, "it speaks protocol %u, this monitor knows up to %u", &theirs, &ours) != 2)
        return words_format("This program speaks another protocol");
    return words_format("This program speaks protocol %u, the monitor knows up to %u", theirs, ours);
}

static struct said say_incompatible(const struct watch *watch)
{
    if (watch->path != NULL)
        return (struct said){ "This recording is of a newer mproc",
                              "Open it with the monitor that came with the mproc library of the program that was "
                              "recorded." };
    return (struct said){ "",
                          "Program and monitor are of different versions of mproc, and do not understand each other. "
                          "Install the monitor that came with the program\xe2\x80\x99s mproc library.",
                          head_of_versions(watch->why) };
}

static struct said say_lost(bool is_silent)
{
    if (is_silent)
        return (struct said){ "It does not answer", "The program runs, and is stopped or very busy." };
    return (struct said){ "No connection", "The program is on the list, and is tried again now and then." };
}

static struct said say(const struct view *view)
{
    switch (view->watch->state) {
    case WATCH_REFUSED:
        return say_refused(view->watch);
    case WATCH_INCOMPATIBLE:
        return say_incompatible(view->watch);
    case WATCH_UNREADABLE:
        if (view->watch->is_gone)
            return (
                struct said){ "The file of this recording is gone",
                              "It was removed, moved or renamed, or its disk is not there. It opens as soon as it is "
                              "back." };
        return (struct said){ "This recording cannot be read",
                              "Recordings are made with Record (Ctrl+R) or mproc-monitor --record." };
    case WATCH_LIVE:
        return (struct said){ "No pool yet", "The program lets itself be watched, and has not made a pool so far." };
    case WATCH_ENDED:
        return (struct said){ "It has ended", "It was gone before it told of a pool." };
    case WATCH_LOST:
        return say_lost(view->watch->code == 0 || view->watch->code == MPROC_E_TIMEOUT);
    case WATCH_REPLAY:
    case WATCH_STUCK:
        return (struct said){ "No pool yet", "At this time of the recording the program had not made a pool." };
    default:
        return (struct said){ "", "" };
    }
}

static void show_attaching(MonPageMessage *self, const struct watch *watch)
{
    bool is_late = g_get_monotonic_time() - watch->since_us > PATIENCE_US;
    parts_set_text(self->head, "");
    parts_set_text(self->why, "");
    if (is_late && watch->path != NULL)
        parts_set_format(self->sentence, "Reading %s\xe2\x80\xa6", watch->path);
    else if (is_late)
        parts_set_format(self->sentence, "Reading %s (pid %" PRId64 ")\xe2\x80\xa6", watch->program, watch->pid);
    else
        parts_set_text(self->sentence, "");
}

/* The end of a text behind these words of this program's own; NULL if they are not in it. */
static const char *behind(const char *text, const char *words)
{
    const char *found = strstr(text, words);
    return found != NULL ? found + strlen(words) : NULL;
}

static struct words quoted(const char *text)
{
    return words_format("The program says: \xe2\x80\x9c%s\xe2\x80\x9d.", text);
}

/* Why it is so, without what the page says itself: that it refuses, and what to do about another protocol. */
static struct words told_of(const struct watch *watch)
{
    struct words limit = words_format("%s: ", mproc_error_text(MPROC_E_LIMIT));
    const char *full = behind(watch->why, SOURCE_IS_FULL), *refuses = behind(watch->why, SOURCE_REFUSES);
    if (full != NULL && strstr(full, FULL_AND_NO_MORE) != NULL)
        return (struct words){ "" };
    if (full != NULL)
        return quoted(behind(full, limit.text) != NULL ? behind(full, limit.text) : full);
    if (refuses != NULL)
        return quoted(refuses);
    struct words reason = says_reason(watch->code, watch->why);
    char *advice = watch->state == WATCH_INCOMPATIBLE ? strstr(reason.text, ": use ") : NULL;
    if (advice != NULL && watch->path == NULL) /* the head says the rest */
        return (struct words){ "" };
    if (advice != NULL)
        g_strlcpy(advice, ".", 2);
    return reason;
}

/* What means something by itself stands first; what a process has said, below what it means. */
static void show_reason(MonPageMessage *self, const struct watch *watch)
{
    bool is_said = watch->state == WATCH_REFUSED || watch->state == WATCH_INCOMPATIBLE;
    struct words told = watch->is_gone ? (struct words){ "" } : told_of(watch);
    parts_set_text(self->why, is_said ? "" : told.text);
    parts_set_text(self->told, is_said ? told.text : "");
    gtk_widget_set_visible(self->why, !is_said && told.text[0] != '\0');
    gtk_widget_set_visible(self->told, is_said && told.text[0] != '\0');
}

/* path: of a file that is missed; "". */
static void show_path(MonPageMessage *self, const char *path)
{
    gtk_widget_set_visible(self->path, path[0] != '\0');
    parts_set_text(self->path, says_path(path).text);
    parts_set_tooltip(self->path, path);
}

void mon_page_message_show(MonPageMessage *self, const struct view *view)
{
    enum watch_state state = view->watch->state;
    struct said said = say(view);
    parts_set_text(self->head, said.own_head.text[0] != '\0' ? said.own_head.text : said.head);
    parts_set_text(self->sentence, said.sentence);
    show_reason(self, view->watch);
    if (state == WATCH_ATTACHING || (state == WATCH_REPLAY && !replay_is_known(view->watch->replay)))
        show_attaching(self, view->watch);
    bool is_missed = state == WATCH_UNREADABLE && view->watch->is_gone;
    show_path(self, is_missed ? view->watch->path : "");
    gtk_widget_set_visible(self->again, is_missed || state == WATCH_REFUSED || state == WATCH_LOST);
    gtk_widget_set_visible(self->copy, state == WATCH_INCOMPATIBLE);
    gtk_widget_set_visible(self->close, state == WATCH_ENDED || view->watch->path != NULL);
    parts_set_text(gtk_button_get_child(GTK_BUTTON(self->close)),
                   view->watch->path != NULL ? "Close recording" : "Remove from the list");
}
