/* How many tasks there are in each group of the page Tasks: those that its table has, and those that the pool counts.
 * The pool has more where a task was not told of: it began before anybody looked, or was lost on the way. */
#ifndef MPROC_WINDOW_TASK_COUNTS_H
#define MPROC_WINDOW_TASK_COUNTS_H

#include "window/task_question.h"

struct task_counts {
    uint64_t all[TASK_FILTERS]; /**< of those that run, wait or failed as the pool says, as on every other page */
    guint listed[TASK_FILTERS]; /**< no more can wait or run than the pool says: what became of others was lost */
    bool lists_items;           /**< of a map, which is one task, each item that failed is listed */
};

/** found: what was told of, by group. */
void task_counts_make(struct task_counts *ret_counts, const guint found[TASK_FILTERS],
                      const struct record_counts *said);

/** Adds "981 more wait" to a text, beside those that are listed, and the like of each group of which not all are. */
void task_counts_add_unlisted(const struct task_counts *counts, const char *before, GString *text);

/** Why the table is empty, in a sentence. */
struct words task_counts_none(const struct task_counts *counts, const struct task_question *question);

#endif
