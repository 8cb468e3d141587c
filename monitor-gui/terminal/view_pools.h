/* A pool in a few lines: what it is, its figures, its maps; and above all what the process is. */
#ifndef MPROC_MONITOR_VIEW_POOLS_H
#define MPROC_MONITOR_VIEW_POOLS_H

#include "model/model.h"
#include "terminal/page.h"

/** checksum, pid 41207, linux, mproc 0.2.0, the time. */
void view_process(struct page *page, const struct model *model);

/** Its name and what is the matter with it, its facts, its figures. */
void view_pool(struct page *page, const struct model *model, const struct model_pool *pool);

/** A line for each map, of those that run and that have ended lately, the last ones if there are too many. */
void view_maps(struct page *page, const struct model *model, const struct model_pool *pool, int rows);

/** What the tasks of each function took. Nothing for a pool without statistics. */
void view_functions(struct page *page, const struct model_pool *pool, int rows);

#endif
