/* A recording as a file for other programs: a table of tasks, or a trace for Chrome's and Perfetto's viewers. */
#ifndef MPROC_WINDOW_EXPORT_FILE_H
#define MPROC_WINDOW_EXPORT_FILE_H

/** Told in the main loop when it is done: why is "" or what went wrong, a full disk for instance. */
typedef void export_file_fn(const char *path, const char *why, void *user);

/** Writes on a thread of its own; a table if the path ends in .csv, else a trace. user stays until done is told. */
void export_file(const char *recording, const char *path, export_file_fn *done, void *user);

#endif
