/* The workers of a pool, and those of them that have died. */
#ifndef MPROC_MONITOR_VIEW_WORKERS_H
#define MPROC_MONITOR_VIEW_WORKERS_H

#include "model/model.h"
#include "terminal/page.h"

/** A table of at most so many rows; if there are more workers, busy ones come before the others, and it says how many
 * are not shown. */
void view_workers(struct page *page, const struct model *model, const struct model_pool *pool, int rows);

/** What was the matter with those that died without being told to, the last ones first: cause, last task, what was
 * decided; with details the stack and the last lines of stderr, too. Returns how many there are; nothing is written
 * without any. */
size_t view_deaths(struct page *page, const struct model *model, int most, bool details);

#endif
