/* Tasks that are asked for, in order. Pure, and for any thread. */
#ifndef MPROC_WINDOW_TASK_ORDER_H
#define MPROC_WINDOW_TASK_ORDER_H

#include "window/task_question.h"
#include <gio/gio.h>

/** What a row has in a column to be sorted by, where that is a text: "" where there is none. For numbers NULL. */
const char *task_order_text(const struct task_scene *scene, const struct model_task *task, enum task_column column,
                            struct words *room);

/** The indexes, guint, of the tasks that are asked for among count of them, of which some may be NULL. What has
 * nothing in the column stands last; what has the same there stands as it was told of, the last first. NULL if it
 * was cancelled; cancel may be NULL. */
GArray *task_order(const struct model_task *const *tasks, guint count, const struct task_question *question,
                   const struct task_scene *scene, GCancellable *cancel);

/** Whether the row of a task would stand elsewhere by what has changed of it, which is not that time goes on. */
bool task_order_moves(const struct task_question *question, const struct task_scene *scene,
                      const struct model_task *before, const struct model_task *task);

#endif
