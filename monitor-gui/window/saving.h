/* Saving what a page shows in a file: what that is, is settled when it is asked for, whatever is looked at when a file
 * is chosen. What became of it is said beside the page, unless its window is closed by then.
 */
#ifndef MPROC_WINDOW_SAVING_H
#define MPROC_WINDOW_SAVING_H

#include "window/export_file.h"
#include <gtk/gtk.h>

struct saving {
    const char *title;          /**< of the dialog that asks for a file */
    const char *const *endings; /**< as in struct chooser_file */
    const char *unsaved;        /**< the head of what is said where it could not be written; stays */
    /** Begins to write, and tells done in the main loop. */
    void (*write)(void *user, const char *path, export_file_fn *done, void *done_user);
    /** What is said when it is written, for g_free. */
    char *(*written)(void *user, const char *path);
    void *user;
    GDestroyNotify free_user; /**< when all of it is over */
};

/** name: of the file that is proposed; path: the file, NULL asks for one. Nothing is done if the window is closed. */
void saving_begin(GtkWidget *page, const char *name, const char *path, const struct saving *saving);

#endif
