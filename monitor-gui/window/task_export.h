/* Tasks as a file for other programs: the same table that a recording makes (model/export.h), of the rows that are
 * shown and in their order; of one that has not ended its end is empty.
 */
#ifndef MPROC_WINDOW_TASK_EXPORT_H
#define MPROC_WINDOW_TASK_EXPORT_H

#include "window/desk.h"
#include "window/export_file.h"
#include "window/task_scene.h"

struct task_export;

/** Takes down what else there is to know of the view's pool: so these are its tasks, whatever is looked at by the time
 * that they are written. */
struct task_export *task_export_new(const struct view *view);
void task_export_free(gpointer rows);

/** tasks: const struct model_task *, taken. */
void task_export_set_tasks(struct task_export *rows, GPtrArray *tasks);

/** Writes on a thread of its own. The export is taken; user stays until done is told. */
void task_export_begin(struct task_export *rows, const char *path, export_file_fn *done, void *user);

/** The same at once, to wherever: for who is on a thread already. Returns 0 or what write has returned. */
int task_export_write(const struct record_greeting *greeting, const char *pool, const struct task_scene *scene,
                      const GPtrArray *tasks, int (*write)(const void *bytes, size_t size, void *user), void *user);

#endif
