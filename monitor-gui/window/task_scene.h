/* What else there is to know of a pool when its tasks are judged: which of them can still wait or run, and what their
 * functions are called. A copy, so that it may be done on another thread.
 */
#ifndef MPROC_WINDOW_TASK_SCENE_H
#define MPROC_WINDOW_TASK_SCENE_H

#include "model/model.h"
#include <glib.h>

struct task_scene {
    uint32_t pool;
    int64_t now_ns;
    bool is_over;         /**< the pool, so that nothing waits or runs */
    int64_t oldest_ns;    /**< whatever waits was submitted at this time or later; INT64_MAX: nothing waits */
    GArray *running;      /**< struct task_key, by the place of its worker */
    GPtrArray *functions; /**< struct task_function, by number; the first is none */
};

struct task_function {
    char *name, *place; /**< "" where it is not known */
};

/** For task_scene_free, which takes NULL. */
struct task_scene *task_scene_new(const struct model *model, const struct model_pool *pool);
void task_scene_free(struct task_scene *scene);

/** What a function is called, of one without a name where it was first called from; and that place. "" if it is not
 * known. */
const char *task_scene_name(const struct task_scene *scene, uint32_t function);
const char *task_scene_place(const struct task_scene *scene, uint32_t function);

/** Whether a task that waits or runs, as far as was told, can still do so. If not, what became of it was lost: its
 * worker runs another one, whatever waits came later, or its pool is over. */
bool task_scene_has(const struct task_scene *scene, const struct model_task *task);

#endif
