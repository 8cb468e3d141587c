/* What is done for a table of tasks on a thread of its own: finding rows, and fetching the tasks of those that were
 * found. The mirror goes with it and comes back.
 */
#ifndef MPROC_WINDOW_TASK_JOB_H
#define MPROC_WINDOW_TASK_JOB_H

#include "window/task_mirror.h"
#include <gio/gio.h>

/** Rows that were found: numbers of tasks, as guint behind the first one that there was. */
struct task_rows {
    GArray *offsets;
    uint64_t base;
    uint64_t total, changes; /**< of the model, when they were found */
};

struct task_job;
/** Told in the main loop, also of one that was cancelled. The job is freed after it, with what was not taken of it. */
typedef void task_job_fn(struct task_job *job);

struct task_job {
    void *owner; /**< NULL: nobody waits for it any more */
    task_job_fn *done;
    struct task_mirror *mirror;
    struct task_scene *scene;
    struct task_question question;
    GCancellable *cancel;
    struct task_rows rows; /**< found, without offsets if it was cancelled; or whose tasks are to be fetched */
    GPtrArray *tasks;      /**< of these; NULL: rows are to be found */
    int64_t took_us;
};

/** Each takes the mirror; the scene is taken, the question copied. */
struct task_job *task_job_find(void *owner, struct task_mirror *mirror, struct task_scene *scene,
                               const struct task_question *question, task_job_fn *done);
struct task_job *task_job_fetch(void *owner, struct task_mirror *mirror, const struct task_rows *rows,
                                task_job_fn *done);

#endif
