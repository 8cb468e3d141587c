/* The items of a map: which have failed, and how many are still to end. */
#ifndef MPROC_POOL_MAP_ITEMS_H
#define MPROC_POOL_MAP_ITEMS_H

#include "pool/job.h"

/** Notes the failure of items; they still have to be counted as finished. link: whose worker failed it, or NULL. */
void mproc__map_failed(struct job *map, const struct item_failure *failure, const char *message);
/** So many items have ended, one way or the other. */
void mproc__map_items_finished(struct job *map, size_t count);

#endif
