/* What processes keep in step with: lock, RLock, semaphore, event, condition and barrier.
 *
 * Lives here: each of these types, in a file of its own, over the words of the floor below; sync_layout.h is how they
 * lie in shared memory. A lock is an owned word and nothing else. semaphore_owned.c is the semaphore that knows who
 * holds its permits, behind the functions of semaphore.c.
 *
 * May use: word, memory, family, base, and the port. Of each other only these: a condition knows the lock or RLock that
 * goes with it, a semaphore hands calls on to the one with owners.
 *
 * Must not know: what else is built on words and locks, be it a queue, a pipe, a process or a pool; who their users are
 * beside the thread that calls; what anything waits for but its own object.
 */
#ifndef MPROC_SYNC_SYNC_H
#define MPROC_SYNC_SYNC_H

#include "family/family_layout.h"
#include "memory/block.h"

/** Destroys an object whose sleepers sleep on the block's own word: they get MPROC_E_STALE. Errors: as
 * mproc__object_find. */
int mproc__sync_destroy(enum family_type type, const uint64_t id[2]);

/** For one of several sleepers on the block's own word, who finds that its object is gone: the wake that it got may
 * have been meant for the block's next object, and is passed on. Returns MPROC_E_STALE. */
int mproc__sync_gone(enum family_type type, const uint64_t id[2], struct family_block *block);

#endif
