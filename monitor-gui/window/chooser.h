/* Choosing a file: the one place that knows how, because it is done otherwise in later versions of GTK. */
#ifndef MPROC_WINDOW_CHOOSER_H
#define MPROC_WINDOW_CHOOSER_H

#include <gtk/gtk.h>

/** Told of the chosen file; not at all if none was. */
typedef void chooser_fn(const char *path, void *user);

/** A file that is to be written. */
struct chooser_file {
    /** What its name ends in, one of these up to NULL; a name without any ending gets the first one. NULL: in
     * anything. */
    const char *const *endings;
    bool is_strict; /**< a name with another ending gets the first one, too; otherwise that is what was wished */
    chooser_fn *chosen;
    void *user;
    GDestroyNotify free_user; /**< when there is nothing more to be told; or NULL */
};

void chooser_open(GtkWindow *window, chooser_fn *chosen, void *user);

/** title, name: of the dialog, and that the file is proposed to have. */
void chooser_save(GtkWindow *window, const char *title, const char *name, const struct chooser_file *file);

/** The same for who has a path already. Where it gets an ending by which it is the name of another file, which is there
 * and which nobody was asked about, the user is asked. */
void chooser_take(GtkWindow *window, const char *path, const struct chooser_file *file);

#endif
