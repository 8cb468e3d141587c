/* Tasks as a file for other programs: the same table that a recording makes (model/export.h), of the rows that are
 * shown and in their order; of one that has not ended its end is empty.
 */
#ifndef MPROC_WINDOW_TASK_EXPORT_H
#define MPROC_WINDOW_TASK_EXPORT_H

#include "window/desk.h"
#include "window/export_file.h"
#include "window/task_scene.h"

/** Writes on a thread of its own. tasks: const struct model_task *, taken, as the scene is. user stays until done is
 * told. */
void task_export(const struct view *view, struct task_scene *scene, GPtrArray *tasks, const char *path,
                 export_file_fn *done, void *user);

/** The same at once, to wherever: for who is on a thread already. Returns 0 or what write has returned. */
int task_export_write(const struct record_greeting *greeting, const char *pool, const struct task_scene *scene,
                      const GPtrArray *tasks, int (*write)(const void *bytes, size_t size, void *user), void *user);

#endif
