/* A lock that processes share and that survives its holder.
 *
 * A lock is a value: copy it into a task's argument, a result or shared memory, and it means the same lock
 * in every process of the family (the first process and everything mproc started from it).
 *
 * When a holder dies, killed or not, or its thread ends without release, the next locker gets the lock and
 * MPROC_OWNER_DIED, and so does every later one until somebody who holds it calls mproc_lock_repaired: the data that
 * the lock guards may be half changed, and only the program can know. A process that replaces itself by another program
 * (exec) is no dead holder: it keeps what it holds until that program ends.
 */
#ifndef MPROC_LOCK_H
#define MPROC_LOCK_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A lock, by value. All zero is no lock. */
typedef struct mproc_lock {
    uint64_t id[2];
} mproc_lock;

typedef struct mproc_lock_options {
    const char *name; /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_lock_options;

MPROC_API int mproc_lock_create_(mproc_lock *ret_lock, const mproc_lock_options *options, size_t options_size);

/** Makes a lock, unlocked.
 *
 * Returns: 0; MPROC_E_LIMIT if the family segment is full; MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the lock is valid in all processes of the family.
 * Since: 0.1. Source: multiprocessing.Lock.
 */
static inline int mproc_lock_create(mproc_lock *ret_lock, const mproc_lock_options *options)
{
    return mproc_lock_create_(ret_lock, options, sizeof *options);
}

/** Frees the lock for all processes. Handles to it become stale.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_STATE while somebody who lives holds it; MPROC_E_LIMIT as for
 *     mproc_lock_acquire.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_lock_destroy(mproc_lock lock);

/** Takes the lock.
 *
 * timeout_ms: 0 or negative tries once.
 * Returns: 0 with the lock held; MPROC_OWNER_DIED with the lock held; MPROC_E_TIMEOUT; MPROC_E_DEADLOCK if
 *     the calling thread holds it already and the time-out is MPROC_FOREVER; MPROC_E_STALE; MPROC_E_FOREIGN;
 *     MPROC_E_LIMIT if there are more threads than the family has room for.
 * Blocks: until the time-out. A holder's death ends the wait within 50 ms.
 * Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Lock.acquire.
 */
MPROC_API int mproc_lock_acquire(mproc_lock lock, int64_t timeout_ms);

/** Gives the lock up. Any thread of any process may do so.
 *
 * To release a lock for another holder while that holder may release and destroy it himself is an error of the program
 * that cannot always be told: if he makes a new lock in that moment, in the same place, and takes it, the release may
 * hit that one. A thread that releases what it holds itself never meets this.
 *
 * Returns: 0; MPROC_E_NOT_OWNER if nobody holds it; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Lock.release.
 */
MPROC_API int mproc_lock_release(mproc_lock lock);

/** Declares the guarded data whole again after MPROC_OWNER_DIED. Call it while holding the lock.
 *
 * Returns: 0, also if nobody had died; MPROC_E_NOT_OWNER if the calling thread does not hold the lock;
 *     MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: the holder. Fork: any process of the family.
 * Since: 0.1
 */
MPROC_API int mproc_lock_repaired(mproc_lock lock);

/** Whether somebody holds the lock. A dead holder does not count.
 *
 * Returns: the answer; false for MPROC_E_STALE and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Lock.locked, CPython 3.14.
 */
MPROC_API bool mproc_lock_is_locked(mproc_lock lock);

#ifdef __cplusplus
}
#endif
#endif
