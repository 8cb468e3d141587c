#include "window/page_message.h"

#include "window/parts.h"
#include "window/says.h"
#include <inttypes.h>
#include <mproc/base.h>

#define WIDTH       600
#define PATIENCE_US (300 * 1000)

struct _MonPageMessage {
    GtkBox parent_instance;
    GtkWidget *head, *sentence, *why, *again, *copy, *close;
};

G_DEFINE_TYPE(MonPageMessage, mon_page_message, GTK_TYPE_BOX)

static void mon_page_message_class_init(MonPageMessageClass *class)
{
    (void)class;
}

static void copy_versions(GtkButton *button, MonPageMessage *self)
{
    g_autofree char *text = g_strdup_printf("mproc-monitor %s, protocol %u: %s", mproc_version(), RECORD_VERSION,
                                            gtk_label_get_label(GTK_LABEL(self->why)));
    parts_copy(GTK_WIDGET(button), text);
}

static GtkWidget *new_sentence(const char *classes)
{
    GtkWidget *label = parts_paragraph("", classes);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 70);
    return label;
}

static void mon_page_message_init(MonPageMessage *self)
{
    GtkWidget *column = parts_column(6), *buttons = parts_row(8);
    gtk_widget_set_size_request(column, WIDTH, -1);
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_halign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(column, TRUE);
    self->head = parts_add(column, parts_label("", "hero"));
    self->why = parts_add(column, new_sentence("dim"));
    self->sentence = parts_add(column, new_sentence("dim"));
    self->again = parts_add(buttons, parts_button("Look again", "tool", "win.again"));
    self->copy = parts_add(buttons, parts_button("Copy versions", "tool", NULL));
    self->close = parts_add(buttons, parts_button("Close", "tool", "win.close-watch"));
    g_signal_connect(self->copy, "clicked", G_CALLBACK(copy_versions), self);
    gtk_widget_set_margin_top(buttons, 10);
    parts_add(column, buttons);
    parts_add(GTK_WIDGET(self), column);
}

GtkWidget *mon_page_message_new(void)
{
    return g_object_new(MON_TYPE_PAGE_MESSAGE, NULL);
}

struct said {
    const char *head, *sentence;
};

/* Another user's; or its program says no, for a reason that it tells. */
static struct said say_refused(bool is_foreign)
{
    return (struct said){ "This pool does not let you look",
                          is_foreign
                              ? "It belongs to another user, or its program allows only itself. Start the monitor "
                                "as that user."
                              : "That may be different later." };
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
        return say_refused(view->watch->code == MPROC_E_FOREIGN);
    case WATCH_INCOMPATIBLE:
        return (struct said){ "This program speaks another protocol",
                              "Install the monitor that came with the program\xe2\x80\x99s mproc library." };
    case WATCH_UNREADABLE:
        return (struct said){ "This recording cannot be read",
                              "Recordings are made with Record (Ctrl+R) or mproc-monitor --record." };
    case WATCH_LIVE:
        return (struct said){ "No pool yet", "The program lets itself be watched, and has not made a pool so far." };
    case WATCH_ENDED:
        return (struct said){ "It has ended", "It was gone before it told of a pool." };
    case WATCH_LOST:
        return say_lost(view->watch->code == 0 || view->watch->code == MPROC_E_TIMEOUT);
    case WATCH_REPLAY:
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

/* What the page says itself is left out: that it refuses, and what to do about another protocol. */
static struct words reason_of(const struct watch *watch)
{
    static const char refuses[] = "The process refuses to be watched: ";
    struct words reason = says_reason(watch->code, watch->why);
    char *advice = watch->state == WATCH_INCOMPATIBLE ? strstr(reason.text, ": use ") : NULL;
    if (advice != NULL)
        g_strlcpy(advice, ".", 2);
    if (watch->state == WATCH_REFUSED && g_str_has_prefix(reason.text, refuses))
        return words_format("Its program says: %s", reason.text + strlen(refuses));
    return reason;
}

void mon_page_message_show(MonPageMessage *self, const struct view *view)
{
    enum watch_state state = view->watch->state;
    struct said said = say(view);
    parts_set_text(self->head, said.head);
    parts_set_text(self->sentence, said.sentence);
    parts_set_text(self->why, reason_of(view->watch).text);
    gtk_widget_set_visible(self->why, view->watch->why[0] != '\0');
    if (state == WATCH_ATTACHING || (state == WATCH_REPLAY && !replay_is_known(view->watch->replay)))
        show_attaching(self, view->watch);
    gtk_widget_set_visible(self->again, state == WATCH_REFUSED || state == WATCH_LOST);
    gtk_widget_set_visible(self->copy, state == WATCH_INCOMPATIBLE);
    gtk_widget_set_visible(self->close, state == WATCH_ENDED || view->watch->path != NULL);
}
