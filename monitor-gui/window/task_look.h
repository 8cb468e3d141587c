/* How a task looks in a table: what its state is called, and what came of it. */
#ifndef MPROC_WINDOW_TASK_LOOK_H
#define MPROC_WINDOW_TASK_LOOK_H

#include "model/words.h"
#include "window/glyph.h"
#include "window/task_scene.h"

/** What a table can be reduced to. A task belongs to TASKS_ALL and to one more, or to none, by what became of it:
 * TASKS_FAILED is what the pool counts as failed, what it ended before too. And to TASKS_RETRIED if there was more than
 * one attempt at it, whatever became of that. */
enum task_filter { TASKS_ALL, TASKS_RUNNING, TASKS_WAITING, TASKS_FAILED, TASKS_RETRIED, TASKS_DONE, TASK_FILTERS };

struct task_look {
    const char *word;
    const char *class; /**< of the word: "bad", "warn", "dim" or NULL */
    enum glyph glyph;
    enum task_filter group; /**< TASKS_ALL: to none */
    unsigned weight;        /**< by which states are sorted: what is wrong has most */
};

struct task_look task_look(const struct task_scene *scene, const struct model_task *task);

/** The group that it belongs to, as far as it says so itself. */
enum task_filter task_group(const struct model_task *task);

/** Whether a task of that group is among those of the filter. */
bool task_is_in(const struct model_task *task, enum task_filter group, enum task_filter filter);

/** How many attempts it took so far: "2"; of one that will be tried again "1 of 2". */
struct words task_tries(const struct model_task *task);

/** Its result, or what went wrong, in a line; "" as long as there is neither. ret_class: as of a look. */
struct words task_outcome(const struct task_scene *scene, const struct model_task *task, const char **ret_class);

/** Why its worker died, or by what, in a few words: who that was stands beside it. */
struct words task_died_of(const struct model_task *task);

/** What went wrong as a sentence begins, and the name of its error: "" if it has none. */
struct words task_cause(const struct model_task *task);
const char *task_error_name(const struct model_task *task);

#endif
