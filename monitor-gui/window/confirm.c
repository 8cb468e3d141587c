#include "window/confirm.h"

#include "window/parts.h"

#define WIDTH       420
#define WORKERS_MAX 4096

struct question {
    GtkWidget *window, *spin; /* spin: NULL if it is no question about a number */
    confirm_fn *confirmed;
    int number;
    void *user;
};

static void on_yes(GtkWidget *widget, struct question *question)
{
    (void)widget;
    if (question->spin != NULL)
        question->number = gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(question->spin));
    question->confirmed(question->number, question->user);
    gtk_window_destroy(GTK_WINDOW(question->window));
}

static void on_no(GtkWidget *widget, struct question *question)
{
    (void)widget;
    gtk_window_destroy(GTK_WINDOW(question->window));
}

static gboolean on_escape(GtkWidget *widget, GVariant *parameter, gpointer data)
{
    (void)parameter, (void)data;
    gtk_window_destroy(GTK_WINDOW(widget));
    return TRUE;
}

static void add_escape(GtkWidget *window)
{
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(
        GTK_SHORTCUT_CONTROLLER(keys),
        gtk_shortcut_new(gtk_keyval_trigger_new(GDK_KEY_Escape, 0), gtk_callback_action_new(on_escape, NULL, NULL)));
    gtk_widget_add_controller(window, keys);
}

static void free_question(gpointer data)
{
    g_free(data);
}

static GtkWidget *new_buttons(struct question *question, const char *no, const char *yes, const char *class)
{
    GtkWidget *row = parts_row(8);
    GtkWidget *refuse = parts_add(row, parts_button(no, "tool", NULL));
    g_signal_connect(refuse, "clicked", G_CALLBACK(on_no), question);
    gtk_widget_set_halign(row, GTK_ALIGN_END);
    gtk_widget_set_margin_top(row, 12);
    if (yes == NULL)
        return row;
    GtkWidget *agree = parts_add(row, parts_button(yes, class, NULL));
    g_signal_connect(agree, "clicked", G_CALLBACK(on_yes), question);
    return row;
}

static struct question *ask(GtkWindow *parent, const char *head, const char *text, GtkWidget *spin, const char *no,
                            const char *yes, const char *class)
{
    struct question *question = g_new0(struct question, 1);
    GtkWidget *window = gtk_window_new(), *column = parts_column(8), *sentence = parts_label(text, "body dim");
    gtk_label_set_ellipsize(GTK_LABEL(sentence), PANGO_ELLIPSIZE_NONE);
    gtk_label_set_single_line_mode(GTK_LABEL(sentence), FALSE);
    gtk_label_set_wrap(GTK_LABEL(sentence), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(sentence), 56);
    question->window = window;
    question->spin = spin;
    parts_set_margins(column, 20, 18, 18);
    parts_add(column, parts_label(head, "title"));
    parts_add(column, sentence);
    if (spin != NULL)
        parts_add(column, spin);
    parts_add(column, new_buttons(question, no, yes, class));
    gtk_widget_add_css_class(window, "mon");
    gtk_window_set_title(GTK_WINDOW(window), head);
    gtk_window_set_child(GTK_WINDOW(window), column);
    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_destroy_with_parent(GTK_WINDOW(window), TRUE);
    gtk_window_set_modal(GTK_WINDOW(window), TRUE);
    gtk_window_set_resizable(GTK_WINDOW(window), FALSE);
    gtk_window_set_default_size(GTK_WINDOW(window), WIDTH, -1);
    g_object_set_data_full(G_OBJECT(window), "mproc-question", question, free_question);
    add_escape(window);
    gtk_window_present(GTK_WINDOW(window));
    return question;
}

void confirm_ask(GtkWindow *parent, const char *head, const char *text, const char *no, const char *yes,
                 confirm_fn *confirmed, int number, void *user)
{
    struct question *question = ask(parent, head, text, NULL, no, yes, "tool danger");
    question->confirmed = confirmed;
    question->number = number;
    question->user = user;
}

void confirm_number(GtkWindow *parent, const char *head, const char *text, int number, const char *yes,
                    confirm_fn *confirmed, void *user)
{
    GtkWidget *spin = gtk_spin_button_new_with_range(1, WORKERS_MAX, 1);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), number);
    struct question *question = ask(parent, head, text, spin, "Cancel", yes, "primary");
    question->confirmed = confirmed;
    question->user = user;
}

void confirm_tell(GtkWindow *parent, const char *head, const char *text)
{
    ask(parent, head, text, NULL, "Close", NULL, "");
}
