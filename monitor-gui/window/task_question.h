/* What a table of tasks is asked for: which of them, and in which order. */
#ifndef MPROC_WINDOW_TASK_QUESTION_H
#define MPROC_WINDOW_TASK_QUESTION_H

#include "window/task_look.h"

enum task_column {
    TASK_COLUMN_STATE,
    TASK_COLUMN_TASK,
    TASK_COLUMN_FUNCTION,
    TASK_COLUMN_ARGUMENT,
    TASK_COLUMN_OUTCOME,
    TASK_COLUMN_WORKER,
    TASK_COLUMN_TRY,
    TASK_COLUMN_WAIT,
    TASK_COLUMN_RUN,
    TASK_COLUMN_PLACE,
    TASK_COLUMN_QUEUED,
    TASK_COLUMN_STARTED,
    TASK_COLUMN_ENDED,
    TASK_COLUMNS
};

struct task_question {
    enum task_filter filter;
    uint32_t function; /**< 0: all */
    char *text;        /**< that is to be in a task, in any case; "" and NULL: all. For g_free */
    enum task_column column;
    bool is_descending;
};

/** A copy, for task_question_clear. */
struct task_question task_question_copy(const struct task_question *question);
void task_question_clear(struct task_question *question);

/** Whether a task, of whatever pool, is asked for. The text is looked for in its function's name, label, argument,
 * result and error; digits in its number, too. */
bool task_question_wants(const struct task_question *question, const struct task_scene *scene,
                         const struct model_task *task);

#endif
