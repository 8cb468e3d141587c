#include "window/chooser.h"

#include "window/confirm.h"

struct choice {
    GtkWindow *window;
    struct chooser_file file;
    char *path; /* about which is asked */
};

static struct choice *new_choice(GtkWindow *window, const struct chooser_file *file)
{
    struct choice *choice = g_new0(struct choice, 1);
    choice->window = window;
    choice->file = *file;
    return choice;
}

static void free_choice(gpointer data)
{
    struct choice *choice = data;
    if (choice->file.free_user != NULL)
        choice->file.free_user(choice->file.user);
    g_free(choice->path);
    g_free(choice);
}

/* ---- Names ---- */

/* "txt" of "out.txt". A number behind a point is a part of the name: "night-2.1" has no ending. */
static bool has_some_ending(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    const char *point = strrchr(name, '.');
    return point != NULL && point != name && g_ascii_isalpha(point[1]);
}

static char *with_ending(const char *path, const struct chooser_file *file)
{
    for (const char *const *each = file->endings; each != NULL && *each != NULL; each++)
        if (g_str_has_suffix(path, *each))
            return g_strdup(path);
    bool is_wished = file->endings == NULL || (!file->is_strict && has_some_ending(path));
    return is_wished ? g_strdup(path) : g_strconcat(path, file->endings[0], NULL);
}

static void on_replace(int number, void *user)
{
    (void)number;
    const struct choice *choice = user;
    choice->file.chosen(choice->path, choice->file.user);
}

/* The choice is the question's. */
static void ask(struct choice *choice)
{
    g_autofree char *name = g_path_get_basename(choice->path), *head = g_strdup_printf("Replace %s?", name);
    g_autofree char *text = g_strdup_printf("There is a file of that name: %s", choice->path);
    confirm_ask(choice->window, &(struct confirm){ .head = head,
                                                   .text = text,
                                                   .no = "Keep it",
                                                   .yes = "Replace",
                                                   .confirmed = on_replace,
                                                   .user = choice,
                                                   .free_user = free_choice });
}

void chooser_take(GtkWindow *window, const char *path, const struct chooser_file *file)
{
    struct choice *choice = new_choice(window, file);
    choice->path = with_ending(path, file);
    if (strcmp(choice->path, path) != 0 && g_file_test(choice->path, G_FILE_TEST_EXISTS)) {
        ask(choice);
        return;
    }
    file->chosen(choice->path, file->user);
    free_choice(choice);
}

/* ---- The dialog ---- */

/* The window is closed: nobody waits for an answer. */
static void on_closed(GtkWidget *window, GtkNativeDialog *dialog)
{
    (void)window;
    gtk_native_dialog_destroy(dialog);
    g_object_unref(dialog);
}

/* Whoever has chosen passes the rest on. */
static void on_response(GtkNativeDialog *dialog, int response, gpointer data)
{
    struct choice *choice = data;
    if (response == GTK_RESPONSE_ACCEPT) {
        g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
        g_autofree char *path = file != NULL ? g_file_get_path(file) : NULL;
        struct chooser_file chosen = choice->file;
        choice->file.free_user = path != NULL ? NULL : choice->file.free_user;
        if (path != NULL)
            chooser_take(choice->window, path, &chosen);
    }
    g_object_unref(dialog);
}

static void on_forgotten(gpointer data, GClosure *closure)
{
    (void)closure;
    free_choice(data);
}

static void add_filter(GtkFileChooser *chooser)
{
    g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, "Recordings (*.mproc)");
    gtk_file_filter_add_pattern(filter, "*.mproc");
    gtk_file_chooser_add_filter(chooser, filter);
}

static GtkFileChooserNative *new_dialog(GtkWindow *window, const char *title, GtkFileChooserAction action,
                                        const char *accept, const struct chooser_file *file)
{
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(title, window, action, accept, "Cancel");
    g_signal_connect_data(dialog, "response", G_CALLBACK(on_response), new_choice(window, file), on_forgotten, 0);
    g_signal_connect_object(window, "destroy", G_CALLBACK(on_closed), dialog, 0);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    return dialog;
}

void chooser_open(GtkWindow *window, chooser_fn *chosen, void *user)
{
    const struct chooser_file file = { .chosen = chosen, .user = user };
    GtkFileChooserNative *dialog = new_dialog(window, "Open a recording", GTK_FILE_CHOOSER_ACTION_OPEN, "Open", &file);
    add_filter(GTK_FILE_CHOOSER(dialog));
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

void chooser_save(GtkWindow *window, const char *title, const char *name, const struct chooser_file *file)
{
    GtkFileChooserNative *dialog = new_dialog(window, title, GTK_FILE_CHOOSER_ACTION_SAVE, "Save", file);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}
