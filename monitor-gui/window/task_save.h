/* Saving the rows of the page Tasks: which they are is settled when it is asked for, whatever is looked at when a file
 * is chosen.
 */
#ifndef MPROC_WINDOW_TASK_SAVE_H
#define MPROC_WINDOW_TASK_SAVE_H

#include "window/task_index.h"
#include <gtk/gtk.h>

/** Saves the rows that the index has of the view, which has a pool, as a table. path: NULL asks for a file. False if
 * there are no rows, or they are being gathered already. What became of it is told beside page, if that is still
 * seen. */
bool task_save(GtkWidget *page, struct task_index *index, const struct view *view, const char *path);

#endif
