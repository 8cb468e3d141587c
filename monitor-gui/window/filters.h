/* A row of buttons of which one is pressed: which rows a table shows. */
#ifndef MPROC_WINDOW_FILTERS_H
#define MPROC_WINDOW_FILTERS_H

#include <gtk/gtk.h>

/** count of them, of which the first is pressed; toggled is their signal's, with user, and not called for that one. */
GtkWidget *filters_new(GtkWidget **ret_buttons, int count, GCallback toggled, gpointer user);

/** What a button says. It never becomes narrower: a number that has grown by a digit moves what is behind it once. */
void filters_name(GtkWidget *button, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Which one is pressed. */
int filters_get(GtkWidget *const *buttons, int count);

#endif
