/* Maps: a kernel over arrays. */
#ifndef MPROC_POOL_MAP_H
#define MPROC_POOL_MAP_H

#include "pool/job.h"

/** The next chunk of a map, sized for the time its items take; NULL without memory. Removes the map from the queue with
 * its last chunk. */
struct job *mproc__map_next_chunk(struct job *map);

#endif
