/* A lock that its holder may take again: n releases for n acquires.
 *
 * An RLock is a value, as a lock is (see lock.h): copy it anywhere, and it means the same RLock in every process of the
 * family. It belongs to the thread that took it; nobody else can release it. When that thread, or its process, ends
 * while holding it, the next locker gets MPROC_OWNER_DIED, and so does every later one until mproc_rlock_repaired.
 */
#ifndef MPROC_RLOCK_H
#define MPROC_RLOCK_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An RLock, by value. All zero is no RLock. */
typedef struct mproc_rlock {
    uint64_t id[2];
} mproc_rlock;

typedef struct mproc_rlock_options {
    const char *name; /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_rlock_options;

MPROC_API int mproc_rlock_create_(mproc_rlock *ret_rlock, const mproc_rlock_options *options, size_t options_size);

/** Makes an RLock, unlocked.
 *
 * Returns: 0; MPROC_E_LIMIT if the family segment is full; MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the RLock is valid in all processes of the family.
 * Since: 0.1. Source: multiprocessing.RLock.
 */
static inline int mproc_rlock_create(mproc_rlock *ret_rlock, const mproc_rlock_options *options)
{
    return mproc_rlock_create_(ret_rlock, options, sizeof *options);
}

/** Frees the RLock for all processes. Handles to it become stale.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_STATE while somebody who lives holds it; MPROC_E_LIMIT as for
 *     mproc_rlock_acquire.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_rlock_destroy(mproc_rlock rlock);

/** Takes the RLock, or takes it once more if the calling thread holds it.
 *
 * timeout_ms: 0 or negative tries once.
 * Returns: 0 with the RLock held; MPROC_OWNER_DIED with the RLock held, also to the holder who takes it once more
 *     before the repair; MPROC_E_TIMEOUT; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT if it is held 2^32 - 1 times,
 *     or if there are more threads than the family has room for.
 * Blocks: until the time-out. A holder's death ends the wait within 50 ms.
 * Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.RLock.acquire.
 */
MPROC_API int mproc_rlock_acquire(mproc_rlock rlock, int64_t timeout_ms);

/** Undoes one acquire of the calling thread. The last one gives the RLock up.
 *
 * Returns: 0; MPROC_E_NOT_OWNER if the calling thread does not hold it; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: the holder. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.RLock.release.
 */
MPROC_API int mproc_rlock_release(mproc_rlock rlock);

/** Declares the guarded data whole again after MPROC_OWNER_DIED. Call it while holding the RLock.
 *
 * Returns: 0, also if nobody had died; MPROC_E_NOT_OWNER if the calling thread does not hold the RLock;
 *     MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: the holder. Fork: any process of the family.
 * Since: 0.1
 */
MPROC_API int mproc_rlock_repaired(mproc_rlock rlock);

/** Whether somebody holds the RLock. A dead holder does not count.
 *
 * Returns: the answer; false for MPROC_E_STALE and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.RLock.locked, CPython 3.14.
 */
MPROC_API bool mproc_rlock_is_locked(mproc_rlock rlock);

#ifdef __cplusplus
}
#endif
#endif
