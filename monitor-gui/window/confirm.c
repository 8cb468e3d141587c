#include "window/confirm.h"

#include "window/dialog.h"
#include "window/parts.h"

#define BEAT_MS 250u

struct question {
    struct confirm asked;
    GtkWindow *parent;
    GtkWidget *window, *sentence;
    GtkWidget *spin, *wrong; /* NULL if it is no question about a number; which numbers are good */
    guint beat;
};

/* Nothing is asked any more, though somebody may still hold the window. */
static void on_destroy(GtkWidget *window, struct question *question)
{
    (void)window;
    g_clear_handle_id(&question->beat, g_source_remove);
}

static void free_question(gpointer data)
{
    struct question *question = data;
    if (question->asked.free_user != NULL)
        question->asked.free_user(question->asked.user);
    g_free(question);
}

/* ---- What it is about is gone ---- */

/* True if it is: then the question is over. */
static bool close_if_gone(struct question *question)
{
    GtkWindow *parent = question->parent;
    g_autofree char *why = question->asked.gone != NULL ? question->asked.gone(question->asked.user) : NULL;
    if (why == NULL)
        return false;
    gtk_window_destroy(GTK_WINDOW(question->window));
    confirm_tell(parent, "Nothing was done", why);
    return true;
}

static void say(struct question *question)
{
    g_autofree char *text = question->asked.say != NULL ? question->asked.say(question->asked.user) : NULL;
    if (text != NULL)
        parts_set_text(question->sentence, text);
}

/* The end of the question removes the beat, also from within. */
static gboolean beat(gpointer data)
{
    if (close_if_gone(data))
        return G_SOURCE_REMOVE;
    say(data);
    return G_SOURCE_CONTINUE;
}

/* ---- A number ---- */

/* 0: what stands there is none that may be asked for. */
static int read_number(const struct question *question)
{
    g_autofree char *text = g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(question->spin))));
    guint64 number;
    bool is_good = g_ascii_string_to_unsigned(text, 10, 1, (guint64)question->asked.number_max, &number, NULL);
    return is_good ? (int)number : 0;
}

static void on_text(GtkEditable *spin, struct question *question)
{
    (void)spin;
    bool is_good = read_number(question) > 0;
    parts_set_class(question->wrong, is_good ? "" : "bad");
    parts_set_class(question->spin, is_good ? "" : "error");
}

static int on_input(GtkSpinButton *spin, double *ret_number, struct question *question)
{
    (void)spin;
    int number = read_number(question);
    *ret_number = number;
    return number > 0 ? TRUE : GTK_INPUT_ERROR;
}

/* What is wrong stays to be seen and corrected; GTK would put the last good number, or the nearest one, in its place,
 * and nobody has asked for that. True: nothing is to be written. */
static gboolean on_output(GtkSpinButton *spin, struct question *question)
{
    bool is_new = gtk_spin_button_get_value_as_int(spin) != question->asked.number;
    question->asked.number = gtk_spin_button_get_value_as_int(spin);
    return !is_new && read_number(question) == 0;
}

/* Return is the answer, as the button is. */
static void add_spin(struct question *question, GtkWidget *column)
{
    const struct confirm *asked = &question->asked;
    GtkWidget *spin = parts_add(column, gtk_spin_button_new_with_range(1, asked->number_max, 1));
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), asked->number);
    gtk_spin_button_set_numeric(GTK_SPIN_BUTTON(spin), FALSE); /* who types letters sees them, and why they are wrong */
    gtk_spin_button_set_update_policy(GTK_SPIN_BUTTON(spin), GTK_UPDATE_IF_VALID);
    gtk_text_set_activates_default(GTK_TEXT(gtk_editable_get_delegate(GTK_EDITABLE(spin))), TRUE);
    gtk_widget_set_halign(spin, GTK_ALIGN_START);
    parts_set_accessible_label(spin, "Workers");
    question->spin = spin;
    question->wrong = parts_add(column, parts_short_label("", "caption"));
    parts_set_format(question->wrong, "A whole number from 1 to %d.", asked->number_max);
    g_signal_connect(spin, "input", G_CALLBACK(on_input), question);
    g_signal_connect(spin, "output", G_CALLBACK(on_output), question);
    g_signal_connect(spin, "changed", G_CALLBACK(on_text), question);
}

/* ---- Answers ---- */

static void on_yes(GtkWidget *widget, struct question *question)
{
    (void)widget;
    if (close_if_gone(question))
        return;
    int number = question->spin != NULL ? read_number(question) : 0;
    if (question->spin != NULL && number == 0) {
        gtk_widget_grab_focus(question->spin);
        return;
    }
    question->asked.confirmed(number, question->asked.user);
    gtk_window_destroy(GTK_WINDOW(question->window));
}

static void on_no(GtkWidget *widget, GtkWindow *window)
{
    (void)widget;
    gtk_window_destroy(window);
}

/* ---- The window ---- */

static GtkWidget *add_content(GtkWidget *window, const char *head, const char *text)
{
    GtkWidget *column = parts_column(8);
    GtkWidget *title = parts_add(column, parts_paragraph(head, "title"));
    GtkWidget *sentence = parts_add(column, parts_paragraph(text, "body dim"));
    gtk_label_set_max_width_chars(GTK_LABEL(title), 48);
    gtk_label_set_max_width_chars(GTK_LABEL(sentence), 56);
    parts_set_margins(column, 20, 18, 18);
    gtk_window_set_child(GTK_WINDOW(window), column);
    return column;
}

/* The harmless answer has the focus. */
static GtkWidget *add_buttons(GtkWidget *column, GtkWidget *window, const char *no)
{
    GtkWidget *row = parts_add(column, parts_row(8)), *refuse = parts_add(row, parts_button(no, "tool", NULL));
    g_signal_connect(refuse, "clicked", G_CALLBACK(on_no), window);
    gtk_widget_set_halign(row, GTK_ALIGN_END);
    gtk_widget_set_margin_top(row, 12);
    gtk_window_set_focus(GTK_WINDOW(window), refuse);
    return row;
}

void confirm_ask(GtkWindow *parent, const struct confirm *confirm)
{
    struct question *question = g_new0(struct question, 1);
    GtkWidget *window = dialog_new(parent, confirm->head), *column = add_content(window, confirm->head, confirm->text);
    question->asked = *confirm;
    question->parent = parent;
    question->window = window;
    question->sentence = gtk_widget_get_last_child(column);
    say(question);
    if (confirm->number_max > 0)
        add_spin(question, column);
    GtkWidget *row = add_buttons(column, window, confirm->no);
    GtkWidget *agree =
        parts_add(row, parts_button(confirm->yes, question->spin != NULL ? "primary" : "tool danger", NULL));
    g_signal_connect(agree, "clicked", G_CALLBACK(on_yes), question);
    if (question->spin != NULL) {
        gtk_window_set_default_widget(GTK_WINDOW(window), agree);
        gtk_window_set_focus(GTK_WINDOW(window), question->spin);
    }
    question->beat = g_timeout_add(BEAT_MS, beat, question);
    g_signal_connect(window, "destroy", G_CALLBACK(on_destroy), question);
    g_object_set_data_full(G_OBJECT(window), "mproc-question", question, free_question);
    gtk_window_present(GTK_WINDOW(window));
}

GtkWidget *confirm_tell(GtkWindow *parent, const char *head, const char *text)
{
    GtkWidget *window = dialog_new(parent, head);
    add_buttons(add_content(window, head, text), window, "Close");
    gtk_window_present(GTK_WINDOW(window));
    return window;
}
