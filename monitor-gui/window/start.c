#include "window/start.h"

#include "platform.h"
#include "window/dialog.h"
#include "window/parts.h"

#define WIDTH 480

/* ---- Starting ---- */

/* A program that was started here, which may outlive the desk. */
struct started {
    GWeakRef desk;
    platform_process *process;
    platform_exit how;
};

static void free_started(struct started *started)
{
    g_weak_ref_clear(&started->desk);
    g_free(started);
}

static gboolean note_end(gpointer data)
{
    struct started *started = data;
    g_autoptr(MonDesk) desk = g_weak_ref_get(&started->desk);
    if (desk != NULL)
        mon_desk_note_exit(desk, platform_process_pid(started->process), started->how);
    platform_process_free(started->process);
    free_started(started);
    return G_SOURCE_REMOVE;
}

/* On a thread of the port's. That it has ended is seen as of any other process that is watched. */
static void on_end(platform_process *process, platform_exit how, void *user)
{
    struct started *started = user;
    started->process = process;
    started->how = how;
    g_idle_add(note_end, started);
}

int start_program(MonDesk *desk, const char *const *arguments, char **ret_why)
{
    static const char *const environment[] = { "MPROC_MONITOR=1", NULL };
    struct started *started = g_new0(struct started, 1);
    platform_program_options options = {
        .arguments = arguments, .environment = environment, .on_exit = on_end, .user = started
    };
    platform_process *process;
    g_weak_ref_init(&started->desk, desk);
    int code = platform_program_start(&options, &process);
    *ret_why = NULL;
    if (code < 0) {
        *ret_why = g_strdup(platform_error_text());
        free_started(started);
    } else
        mon_desk_expect(desk, platform_process_pid(process));
    return code;
}

char **start_split(const char *line, char **ret_why)
{
    char **words = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) pieces = g_strsplit(line, "\\", -1);
    g_autofree char *escaped = g_strjoinv("\\\\", pieces);
    *ret_why = NULL;
    if (!g_shell_parse_argv(G_DIR_SEPARATOR == '\\' ? escaped : line, NULL, &words, &error))
        *ret_why = g_strdup(error->message);
    return words;
}

/* ---- Asking ---- */

struct question {
    GtkWidget *window, *entry, *trouble;
    MonDesk *desk;
};

static void on_start(GtkWidget *widget, struct question *question)
{
    (void)widget;
    g_autofree char *why = NULL;
    g_auto(GStrv) arguments = start_split(gtk_editable_get_text(GTK_EDITABLE(question->entry)), &why);
    if (arguments == NULL)
        parts_set_text(question->trouble, why);
    else if (start_program(question->desk, (const char *const *)arguments, &why) < 0)
        parts_set_text(question->trouble, why);
    else
        gtk_window_destroy(GTK_WINDOW(question->window));
}

static GtkWidget *new_content(struct question *question)
{
    GtkWidget *column = parts_column(8);
    question->entry = gtk_entry_new();
    question->trouble = parts_label("", "body bad");
    gtk_entry_set_placeholder_text(GTK_ENTRY(question->entry), "./program arguments");
    parts_set_accessible_label(question->entry, "Program and arguments");
    GtkWidget *start = parts_button("Start", "primary", NULL);
    gtk_widget_set_halign(start, GTK_ALIGN_END);
    parts_set_margins(column, 20, 18, 18);
    parts_add(column, parts_label("Start a program and watch it", "title"));
    parts_add(column, parts_label("The monitor turns watching on for the program it starts.", "body dim"));
    parts_add(column, question->entry);
    parts_add(column, question->trouble);
    parts_add(column, start);
    g_signal_connect(question->entry, "activate", G_CALLBACK(on_start), question);
    g_signal_connect(start, "clicked", G_CALLBACK(on_start), question);
    return column;
}

void start_ask(GtkWindow *parent, MonDesk *desk)
{
    struct question *question = g_new0(struct question, 1);
    question->desk = desk;
    question->window = dialog_new(parent, "Start a program");
    gtk_window_set_child(GTK_WINDOW(question->window), new_content(question));
    gtk_window_set_default_size(GTK_WINDOW(question->window), WIDTH, -1);
    g_object_set_data_full(G_OBJECT(question->window), "mproc-question", question, g_free);
    gtk_window_present(GTK_WINDOW(question->window));
}
