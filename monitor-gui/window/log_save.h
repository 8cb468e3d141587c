/* Saving what is shown of a log: its lines as they were when that was asked for. */
#ifndef MPROC_WINDOW_LOG_SAVE_H
#define MPROC_WINDOW_LOG_SAVE_H

#include <gtk/gtk.h>

/** Asks for a file and writes these lines to it; text is the callee's. program: after which the file is called; path:
 * NULL asks for one. What became of it is said in the window that the page is in. */
void log_save(GtkWidget *page, const char *program, char *text, guint lines, const char *path);

#endif
