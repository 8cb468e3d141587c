#include "window/page_empty.h"

#include "model/text.h"
#include "platform.h"
#include "window/parts.h"

#define PATH_ROOM 256
/* As the shell of the system wants it. */
#define WATCHED                                                                                                        \
    (G_DIR_SEPARATOR == '/' ? "MPROC_MONITOR=1 ./program arguments" : "set \"MPROC_MONITOR=1\" & program arguments")
#define STARTED (G_DIR_SEPARATOR == '/' ? "mproc-monitor -- ./program arguments" : "mproc-monitor -- program arguments")

struct _MonPageEmpty {
    GtkBox parent_instance;
    GtkWidget *looked;
    char *where;
};

G_DEFINE_TYPE(MonPageEmpty, mon_page_empty, GTK_TYPE_BOX)

static void mon_page_empty_finalize(GObject *object)
{
    g_free(MON_PAGE_EMPTY(object)->where);
    G_OBJECT_CLASS(mon_page_empty_parent_class)->finalize(object);
}

static void mon_page_empty_class_init(MonPageEmptyClass *class)
{
    G_OBJECT_CLASS(class)->finalize = mon_page_empty_finalize;
}

static char *say_where(void)
{
    char path[PATH_ROOM];
    if (platform_endpoint_place(path, sizeof path) < 0)
        return g_strdup("Looking in the list of pools of your user.");
    return g_strdup_printf("Looking in %s. Only pools of your own user are shown.", path);
}

static void copy_line(GtkButton *button, gpointer text)
{
    parts_copy(GTK_WIDGET(button), text);
}

/* A head, a sentence, a command line and a button that does the same. */
static void add_way(GtkWidget *column, const char *head, const char *sentence, const char *line, GtkWidget *button)
{
    GtkWidget *row = parts_row(12);
    GtkWidget *quote = parts_add(row, parts_label(line, "mono quote"));
    gtk_widget_set_hexpand(quote, TRUE);
    parts_add(row, button);
    gtk_widget_set_margin_top(row, 6);
    gtk_widget_set_margin_bottom(row, 18);
    parts_add(column, parts_label(head, "strong"));
    parts_add(column, parts_label(sentence, "body dim"));
    parts_add(column, row);
}

static GtkWidget *new_copy_button(void)
{
    GtkWidget *button = parts_icon_button("edit-copy-symbolic", "Copy", "tool", NULL);
    g_signal_connect(button, "clicked", G_CALLBACK(copy_line), (gpointer)WATCHED);
    return button;
}

static void mon_page_empty_init(MonPageEmpty *self)
{
    GtkWidget *column = parts_column(2);
    parts_add(column, parts_label("No process pool is running", "hero"));
    GtkWidget *first =
        parts_add(column, parts_label("A pool appears here within a second, once its program lets itself "
                                      "be watched.",
                                      "dim"));
    gtk_widget_set_margin_bottom(first, 18);
    add_way(column, "Start a program and watch it", "The monitor turns watching on for the program it starts.", STARTED,
            parts_button("Start a program\xe2\x80\xa6", "primary", "win.start"));
    add_way(column, "Let a program be watched",
            "Set this before the program starts. One that is already running cannot be watched later.", WATCHED,
            new_copy_button());
    add_way(column, "Look at a run that is over", "Recordings are made with Record (Ctrl+R) or --record.",
            "mproc-monitor run.mproc", parts_button("Open a recording\xe2\x80\xa6", "tool", "win.open"));
    self->looked = parts_add(column, parts_label("", "caption"));
    self->where = say_where();
    parts_add_middle(GTK_WIDGET(self), column);
}

GtkWidget *mon_page_empty_new(void)
{
    return g_object_new(MON_TYPE_PAGE_EMPTY, NULL);
}

void mon_page_empty_show(MonPageEmpty *self, MonDesk *desk)
{
    const char *trouble = mon_desk_trouble(desk);
    int64_t ago_ns = (g_get_monotonic_time() - mon_desk_looked_us(desk)) * 1000;
    parts_set_class(self->looked, trouble[0] != '\0' ? "bad" : "");
    if (trouble[0] != '\0')
        parts_set_format(self->looked, "Looking for pools failed: %s", trouble);
    else if (mon_desk_looked_us(desk) != 0)
        parts_set_format(self->looked, "%s Last looked %.1f" TEXT_BLANK "s ago.", self->where, (double)ago_ns / 1e9);
    parts_set_tooltip(self->looked, gtk_label_get_label(GTK_LABEL(self->looked)));
}
