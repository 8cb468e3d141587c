/* What was seen as a file: a recording, or for other programs a table of tasks, or a trace for Chrome's and Perfetto's
 * viewers. The file is whole or not there.
 */
#ifndef MPROC_WINDOW_EXPORT_FILE_H
#define MPROC_WINDOW_EXPORT_FILE_H

#include "model/model.h"

/** Told in the main loop when it is done: why is "" or what went wrong, a full disk for instance. */
typedef void export_file_fn(const char *path, const char *why, void *user);

/** Where a model is found, which may be gone the next time: then NULL. free_user may be NULL. */
struct export_source {
    const struct model *(*find)(void *user);
    void *user;
    void (*free_user)(void *user);
};

/** Writes on a thread of its own: a recording if the path ends in .mproc, a table if in .csv, else a trace. user stays
 * until done is told. Of a recording all of its file is exported, */
void export_file(const char *recording, const char *path, export_file_fn *done, void *user);

/** of a model what it knows, as soon as all of its tasks are held, which is done in slices. */
void export_model(const struct export_source *source, const char *path, export_file_fn *done, void *user);

/** The same for a text, which is the callee's, as it is. */
void export_text(char *text, const char *path, export_file_fn *done, void *user);

#endif
