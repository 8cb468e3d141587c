/* The last tasks, and those that were slow or failed. */
#ifndef MPROC_MONITOR_VIEW_TASKS_H
#define MPROC_MONITOR_VIEW_TASKS_H

#include "model/model.h"
#include "terminal/page.h"

/** A table of the last tasks, as many as there are rows. */
void view_tasks(struct page *page, const struct model *model, int rows);

/** The last ones that failed, died, were tried again or took longer than 99 in 100 do. Nothing without any. */
void view_troubles(struct page *page, const struct model *model, int rows);

#endif
