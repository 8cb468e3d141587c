/* Small windows above the window: modal, gone with it and with Esc. */
#ifndef MPROC_WINDOW_DIALOG_H
#define MPROC_WINDOW_DIALOG_H

#include <gtk/gtk.h>

/** Makes one, which is not shown yet. */
GtkWidget *dialog_new(GtkWindow *parent, const char *title);

#endif
