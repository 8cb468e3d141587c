/* Which tasks a table has, and in which order. That is found out on a thread of its own and handed over whole; then it
 * stands still, so that no row moves, until it is asked anew. Only for a moment after that, while all rows fit into a
 * table, where a filter is for what is under way, or when most of what is shown is forgotten, does it follow by itself.
 *
 * All of this is called in the main loop.
 */
#ifndef MPROC_WINDOW_TASK_INDEX_H
#define MPROC_WINDOW_TASK_INDEX_H

#include "window/desk.h"
#include "window/task_question.h"
#include <gtk/gtk.h>

/** For so long after somebody has asked: a list that has just been opened fills. */
#define TASK_INDEX_SETTLE_US (2 * G_USEC_PER_SEC)

/** Told when there are other rows. */
typedef void task_index_fn(void *user);

struct task_index;

struct task_index *task_index_new(task_index_fn *changed, void *user);
/** NULL is allowed. What runs on the thread is left to its end, and tells nobody. */
void task_index_free(struct task_index *index);

/** Asks for other rows of this view, which has a pool. */
void task_index_ask(struct task_index *index, const struct view *view, const struct task_question *question);

/** The same once more: with what came since. */
void task_index_renew(struct task_index *index);

/** A few times a second, while the rows are seen: takes note of what has changed. The view is that which was asked for.
 */
void task_index_beat(struct task_index *index, const struct view *view);

/** Nobody looks: all that it holds is given back, but for tasks that are being gathered. To be asked again. */
void task_index_rest(struct task_index *index);

/** ---- What it has found ---- */

guint task_index_count(const struct task_index *index);
/** The task of a row; NULL if it is forgotten since. */
const struct model_task *task_index_task(const struct task_index *index, const struct model *model, guint row);
/** The row of a task, or GTK_INVALID_LIST_POSITION. */
guint task_index_row(const struct task_index *index, const struct model_task *task);

/** The number of a row's task, which it keeps wherever its row goes; and the rows of tasks with these numbers,
 * uint64_t, as far as there are any; for gtk_bitset_unref. */
uint64_t task_index_number(const struct task_index *index, guint row);
GtkBitset *task_index_rows(const struct task_index *index, const GArray *numbers);

/** Whether rows are being looked for that were asked for; not those of a beat. */
bool task_index_is_busy(const struct task_index *index);

/** Tasks that are asked for and have no row: they came since, or became what is asked for. */
struct task_news {
    guint count, failed;
};
struct task_news task_index_news(const struct task_index *index);

/** Since when the rows stand, though that is not their order any more, by the watched process's clock; 0: it is. */
int64_t task_index_stands_ns(const struct task_index *index);

/** How many the pool has of each filter, as far as is known. */
const guint *task_index_counts(const struct task_index *index);

/** Told once: the tasks of all rows in their order, const struct model_task *, which are released with the array,
 * which is the receiver's; what was forgotten before it could be held is not there. NULL: the index is gone, or what
 * it looks at is another. */
typedef void task_index_tasks_fn(void *user, GPtrArray *tasks);

/** Asks for those of the rows that there are now, whatever is asked for next. False if there are none, or some are
 * being gathered already. */
bool task_index_gather(struct task_index *index, task_index_tasks_fn *gathered, void *user);

#endif
