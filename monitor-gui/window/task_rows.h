/* What a table of tasks has in its cells. */
#ifndef MPROC_WINDOW_TASK_ROWS_H
#define MPROC_WINDOW_TASK_ROWS_H

#include "window/desk.h"
#include "window/table.h"
#include "window/task_question.h"

/** Those of the table, in the order of enum task_column. */
extern const struct table_column task_columns[TASK_COLUMNS];

void task_row_fill(const struct view *view, const struct task_scene *scene, const struct model_task *task,
                   enum task_column column, struct table_cell *ret_cell);

/** All of its cells as a line, with tabs between them; for g_free. */
char *task_row_text(const struct view *view, const struct task_scene *scene, const struct model_task *task);

/** "186 377", of a map's or chunk's with its item: "12 / 5". */
struct words task_row_number(const struct model_task *task);

#endif
