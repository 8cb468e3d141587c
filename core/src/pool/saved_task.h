/* Tasks whose worker has died, saved for mproc_replay_main. */
#ifndef MPROC_POOL_SAVED_TASK_H
#define MPROC_POOL_SAVED_TASK_H

#include "pool/job.h"

/** Copies the directory's name. 0 or MPROC_E_NO_MEMORY. */
int mproc__saved_task_open(mproc_pool *pool);
void mproc__saved_task_close(mproc_pool *pool);

/** Saves a call, or of a chunk the item with that index, to a file of its own in the pool's directory. Returns its
 * path, for free(); NULL if there is no such directory, or it could not be written, which is logged. Lock held. */
char *mproc__saved_task_write(const struct job *job, size_t index);

#endif
