/* The tasks that a model has, held: what another thread may go through while the model goes on. It is brought up to
 * date in slices, by what has changed alone. One thread at a time.
 */
#ifndef MPROC_WINDOW_TASK_MIRROR_H
#define MPROC_WINDOW_TASK_MIRROR_H

#include "window/task_question.h"

struct task_mirror {
    const struct model_task **tasks; /**< by their places, NULL where there is none */
    guint count;                     /**< places there are */
    size_t chunks;                   /**< of the model, that there may be */
    uint32_t capacity;               /**< of the model: task number N has place N modulo that */
    uint64_t total;                  /**< tasks that had been told of when it was up to date last */
    uint64_t seen, begun;            /**< changes of the model: those that are in it; by when this pass began */
    size_t chunk;                    /**< how far the pass is */
};

struct task_mirror *task_mirror_new(void);
/** Frees it, on a thread if there is much in it. NULL is allowed. */
void task_mirror_discard(struct task_mirror *mirror);

/** Told of each task that is new, or another one than it was. */
typedef void task_mirror_fn(void *user, const struct model_task *before, const struct model_task *task);

/** Goes on until a time of g_get_monotonic_time; changed: may be NULL. Returns whether the mirror is up to date. */
bool task_mirror_follow(struct task_mirror *mirror, const struct tasks *tasks, int64_t until_us,
                        task_mirror_fn *changed, void *user);

/** The same for who wants all of one moment. Returns whether it has them: a pass that was begun earlier is not
 * enough. */
bool task_mirror_catch(struct task_mirror *mirror, const struct tasks *tasks, int64_t until_us);

/** The place of the task that was told of first; from there on, and round, they stand in their order. */
guint task_mirror_first(const struct task_mirror *mirror);

#endif
