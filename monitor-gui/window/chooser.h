/* Choosing a file: the one place that knows how, because it is done otherwise in later versions of GTK. */
#ifndef MPROC_WINDOW_CHOOSER_H
#define MPROC_WINDOW_CHOOSER_H

#include <gtk/gtk.h>

/** Told of the chosen file; not at all if none was. */
typedef void chooser_fn(const char *path, void *user);

void chooser_open(GtkWindow *window, chooser_fn *chosen, void *user);
/** title, name: of the dialog, and that the file is proposed to have. */
void chooser_save(GtkWindow *window, const char *title, const char *name, chooser_fn *chosen, void *user);

#endif
