#include "window/chooser.h"

struct choice {
    chooser_fn *chosen;
    void *user;
};

static void on_response(GtkNativeDialog *dialog, int response, gpointer data)
{
    struct choice *choice = data;
    if (response == GTK_RESPONSE_ACCEPT) {
        g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
        g_autofree char *path = file != NULL ? g_file_get_path(file) : NULL;
        if (path != NULL)
            choice->chosen(path, choice->user);
    }
    g_object_unref(dialog);
}

static void free_choice(gpointer data, GClosure *closure)
{
    (void)closure;
    g_free(data);
}

static void add_filter(GtkFileChooser *chooser)
{
    g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, "Recordings (*.mproc)");
    gtk_file_filter_add_pattern(filter, "*.mproc");
    gtk_file_chooser_add_filter(chooser, filter);
}

static void choose(GtkWindow *window, const char *title, GtkFileChooserAction action, const char *accept,
                   const char *name, chooser_fn *chosen, void *user)
{
    struct choice *choice = g_new(struct choice, 1);
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(title, window, action, accept, "Cancel");
    *choice = (struct choice){ chosen, user };
    if (action == GTK_FILE_CHOOSER_ACTION_OPEN)
        add_filter(GTK_FILE_CHOOSER(dialog));
    if (name != NULL)
        gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
    g_signal_connect_data(dialog, "response", G_CALLBACK(on_response), choice, free_choice, 0);
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

void chooser_open(GtkWindow *window, chooser_fn *chosen, void *user)
{
    choose(window, "Open a recording", GTK_FILE_CHOOSER_ACTION_OPEN, "Open", NULL, chosen, user);
}

void chooser_save(GtkWindow *window, const char *title, const char *name, chooser_fn *chosen, void *user)
{
    choose(window, title, GTK_FILE_CHOOSER_ACTION_SAVE, "Save", name, chosen, user);
}
