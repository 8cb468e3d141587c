/* What is shown at once: the pages of the terminal, of which the first, without limits, is also what --once prints. */
#ifndef MPROC_MONITOR_SCREEN_H
#define MPROC_MONITOR_SCREEN_H

#include "model/model.h"
#include "terminal/page.h"

enum screen { SCREEN_OVERVIEW = 1, SCREEN_WORKERS, SCREEN_TASKS, SCREEN_LOCKS, SCREEN_LOG };
#define SCREENS 5

/** Draws onto a page that was begun. chosen: the pool whose workers are shown where not all pools' can be, by its place
 * in the model. */
void screen_draw(struct page *page, const struct model *model, enum screen screen, size_t chosen);

#endif
