#include "window/dialog.h"

#define WIDTH 420

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

GtkWidget *dialog_new(GtkWindow *parent, const char *title)
{
    GtkWidget *window = gtk_window_new();
    gtk_widget_add_css_class(window, "mon");
    gtk_window_set_title(GTK_WINDOW(window), title);
    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_destroy_with_parent(GTK_WINDOW(window), TRUE);
    gtk_window_set_modal(GTK_WINDOW(window), TRUE);
    gtk_window_set_resizable(GTK_WINDOW(window), FALSE);
    gtk_window_set_default_size(GTK_WINDOW(window), WIDTH, -1);
    add_escape(window);
    return window;
}
