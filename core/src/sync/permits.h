/* The semaphore that knows who holds its permits: a word per permit, which is the holder's node or 0.
 *
 * A permit changes hands by one compare-and-swap of its word, so there is no instruction at which a death leaves one
 * with nobody. Behind semaphore.h, whose functions come here for handles of this type.
 */
#ifndef MPROC_SYNC_PERMITS_H
#define MPROC_SYNC_PERMITS_H

#include <stdint.h>
int mproc__permits_create(uint32_t units, const char *name, uint64_t ret_id[2]);

/** As mproc_semaphore_acquire; deadline_ns absolute. */
int mproc__permits_acquire(const uint64_t id[2], int64_t deadline_ns);

/** As mproc_semaphore_release. */
int mproc__permits_release(const uint64_t id[2]);

/** As mproc_semaphore_get_value. */
int mproc__permits_value(const uint64_t id[2]);

#endif
