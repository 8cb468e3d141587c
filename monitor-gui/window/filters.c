#include "window/filters.h"

#include "window/parts.h"

static GtkWidget *new_filter(GtkWidget *first)
{
    GtkWidget *button = gtk_toggle_button_new();
    gtk_button_set_child(GTK_BUTTON(button), gtk_label_new(""));
    gtk_widget_add_css_class(button, "tool");
    parts_set_labelled_by(button, gtk_button_get_child(GTK_BUTTON(button)));
    if (first != NULL)
        gtk_toggle_button_set_group(GTK_TOGGLE_BUTTON(button), GTK_TOGGLE_BUTTON(first));
    return button;
}

GtkWidget *filters_new(GtkWidget **ret_buttons, int count, GCallback toggled, gpointer user)
{
    GtkWidget *row = parts_row(0);
    gtk_widget_add_css_class(row, "linked");
    gtk_widget_set_valign(row, GTK_ALIGN_CENTER);
    for (int i = 0; i < count; i++)
        ret_buttons[i] = parts_add(row, new_filter(i > 0 ? ret_buttons[0] : NULL));
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(ret_buttons[0]), TRUE);
    for (int i = 0; i < count; i++)
        g_signal_connect(ret_buttons[i], "toggled", toggled, user);
    return row;
}

void filters_name(GtkWidget *button, const char *format, ...)
{
    va_list arguments;
    GtkWidget *label = gtk_button_get_child(GTK_BUTTON(button));
    va_start(arguments, format);
    g_autofree char *name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (g_strcmp0(gtk_label_get_text(GTK_LABEL(label)), name) == 0)
        return;
    int width, least;
    gtk_label_set_text(GTK_LABEL(label), name);
    gtk_widget_measure(label, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
    gtk_widget_get_size_request(label, &least, NULL);
    gtk_widget_set_size_request(label, MAX(width, least), -1);
}

int filters_get(GtkWidget *const *buttons, int count)
{
    for (int i = 0; i < count; i++)
        if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(buttons[i])))
            return i;
    return 0;
}
