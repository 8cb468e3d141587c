/* Tasks of which the rows were chosen together, to do something to all of them. They are known by their numbers: rows
 * move.
 */
#ifndef MPROC_WINDOW_TASK_PICKS_H
#define MPROC_WINDOW_TASK_PICKS_H

#include "window/task_index.h"
#include <gtk/gtk.h>

/** Of more than that nothing can be asked at a time, and which they are is not kept. */
#define TASK_PICKS_MAX 1000u

struct task_picks {
    GArray *numbers; /**< uint64_t, of tasks */
    GtkBitset *rows; /**< where they are */
    guint count;     /**< rows that were chosen, kept or not */
};

void task_picks_init(struct task_picks *picks);
void task_picks_clear(struct task_picks *picks);

/** These rows of the index from now on, of those that it has: a table still shows some of before while it looks for
 * others, and has them chosen. */
void task_picks_take(struct task_picks *picks, const struct task_index *index, GtkBitset *rows);

/** The index has other rows: they are found among them. */
void task_picks_renew(struct task_picks *picks, const struct task_index *index);

/** Numbers by which the pool knows them, uint64_t, each once, of those that can be cancelled, or tried again as far
 * as the pool has said so: a map's are one. For g_array_unref. */
GArray *task_picks_open(const struct task_picks *picks, const struct model *model, const struct task_scene *scene);
GArray *task_picks_failed(const struct task_picks *picks, const struct model *model, const struct task_scene *scene);

#endif
