/* The keyboard: which key does what, and the window that says so. */
#ifndef MPROC_WINDOW_KEYS_H
#define MPROC_WINDOW_KEYS_H

#include <gtk/gtk.h>

/** Has the application know the keys that work wherever the focus is. */
void keys_add(GtkApplication *application);

/** Has a window know those that must not be taken from an entry or a button that has the focus. */
void keys_add_plain(GtkWidget *window);

/** Shows what they are. */
void keys_show(GtkWindow *parent);

#endif
