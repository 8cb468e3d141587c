/* Locks and queues, and the deadlocks among them. */
#ifndef MPROC_MONITOR_VIEW_OBJECTS_H
#define MPROC_MONITOR_VIEW_OBJECTS_H

#include "model/model.h"
#include "terminal/page.h"

/** Each deadlock in sentences. Returns how many there are. */
size_t view_deadlocks(struct page *page, const struct model *model);

/** A table of what has a name, the worst first, as many as there are rows. With all, what nobody waits for as well. */
void view_objects(struct page *page, const struct model *model, int rows, bool all);

#endif
