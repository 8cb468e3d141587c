/* What is shown at once: the pages of the terminal, of which the first, without limits, is also what --once prints. */
#ifndef MPROC_MONITOR_SCREEN_H
#define MPROC_MONITOR_SCREEN_H

#include "model/model.h"
#include "terminal/page.h"

enum screen { SCREEN_OVERVIEW = 1, SCREEN_WORKERS, SCREEN_TASKS, SCREEN_LOCKS, SCREEN_LOG };
#define SCREENS 5

/** The pool of this number; if there is none, or it is gone, the first that is not gone; else the first one. NULL if
 * there are none. */
const struct model_pool *screen_pool(const struct model *model, uint32_t number);

/** The one after that, of those that are not gone. NULL if all are. */
const struct model_pool *screen_next_pool(const struct model *model, uint32_t number);

/** Draws onto a page that was begun. chosen: the number of the pool whose workers are shown where not all pools' can
 * be, as for screen_pool. */
void screen_draw(struct page *page, const struct model *model, enum screen screen, uint32_t chosen);

#endif
