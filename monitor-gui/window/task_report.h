/* What there is to say of one task, as text: no widget is known here. */
#ifndef MPROC_WINDOW_TASK_REPORT_H
#define MPROC_WINDOW_TASK_REPORT_H

#include "window/desk.h"
#include "window/split.h"
#include "window/task_look.h"

/** "Task 186 377 failed". */
struct words task_report_title(const struct task_scene *scene, const struct model_task *task);

/** "MPROC_E_WORKER_DIED · first submitted at main.c:61". */
struct words task_report_origin(const struct task_scene *scene, const struct model_task *task);

/** An attempt in a line, without its number: "worker 5, pid 41319 · signal 11". */
struct words task_report_attempt(const struct task_scene *scene, const struct model_task *attempt,
                                 enum glyph *ret_glyph);

/** The attempt that is to follow, of a task that will be tried again: "waits to begin"; "" of any other. */
const char *task_report_coming(const struct task_scene *scene, const struct model_task *task, enum glyph *ret_glyph);

/** What stands for its argument, where there is none. */
const char *task_report_no_argument(const struct model *model, const struct model_task *task);

/** What stands for its result, where there is none: "None: the task failed." */
const char *task_report_no_result(const struct task_scene *scene, const struct model_task *task);

/** The parts of its time after it waited, of one together; false if nothing is known. And each in words: "ran 3.1 ms".
 * Then what stands above them: "attempt 2 · after waiting 9.8 s". */
bool task_report_parts(const struct model_task *task, double ret_parts[SPLIT_PARTS]);
struct words task_report_part(const struct model_task *task, int part);
struct words task_report_time_note(const struct model_task *task);

/** The death of the worker that ran it in this attempt; NULL if it did not die, or that is not known any more. */
const struct record_death *task_report_death(const struct model *model, const struct model_task *attempt);

/** All of it; for g_free. */
char *task_report(const struct view *view, const struct task_scene *scene, const struct model_task *task);

#endif
