/* A condition: whoever holds its lock waits until another who holds it notifies.
 *
 * A condition is a value: copy it into a task's argument, a result or shared memory, and it means the same condition
 * in every process of the family. It goes with a lock or an RLock that you name when you make it, or with an RLock of
 * its own.
 *
 * A notification is for those who wait at that moment and is never kept for later. It wakes exactly as many living
 * waiters as it says, the longest waiting first; one that is killed before its wait is over hands its notification on
 * to another who waited at that time. A waiter that is notified in the moment its time runs out counts as notified.
 *
 * Wait in a loop that looks at the data, or with mproc_condition_wait_for: between the notification and the moment the
 * waiter has the lock again somebody else may have changed the data.
 */
#ifndef MPROC_CONDITION_H
#define MPROC_CONDITION_H

#include <mproc/base.h>
#include <mproc/lock.h>
#include <mproc/rlock.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A condition, by value. All zero is no condition. */
typedef struct mproc_condition {
    uint64_t id[2];
} mproc_condition;

/** How many threads can wait for one condition at a time. */
#define MPROC_CONDITION_WAITERS_MAX 480

/** With neither lock nor rlock the condition has an RLock of its own. */
typedef struct mproc_condition_options {
    const char *name;  /**< shown in messages; copied, cut at 31 bytes; NULL for none */
    mproc_lock lock;   /**< the lock that goes with it; all zero: none */
    mproc_rlock rlock; /**< the RLock that goes with it; all zero: none */
} mproc_condition_options;

MPROC_API int mproc_condition_create_(mproc_condition *ret_condition, const mproc_condition_options *options,
                                      size_t options_size);

/** Makes a condition.
 *
 * Returns: 0; MPROC_E_INVALID for both a lock and an rlock; MPROC_E_STALE or MPROC_E_FOREIGN for one that is none;
 *     MPROC_E_LIMIT if the family segment is full; MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the condition is valid in all processes of the family.
 * Since: 0.1. Source: multiprocessing.Condition.
 */
static inline int mproc_condition_create(mproc_condition *ret_condition, const mproc_condition_options *options)
{
    return mproc_condition_create_(ret_condition, options, sizeof *options);
}

/** Frees the condition for all processes, and the RLock of its own if it has one, but no lock that was named. Handles
 * to it become stale; who waits for it gets MPROC_E_STALE.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_STATE while somebody who lives holds the RLock of its own;
 *     MPROC_E_LIMIT if there are more threads than the family has room for.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_condition_destroy(mproc_condition condition);

/** Takes the lock that goes with the condition, as mproc_lock_acquire or mproc_rlock_acquire does.
 *
 * timeout_ms: 0 or negative tries once.
 * Returns: as they do; MPROC_E_STALE also if the condition is there and its lock is not.
 * Blocks: until the time-out. A holder's death ends the wait within 50 ms.
 * Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Condition.acquire.
 */
MPROC_API int mproc_condition_acquire(mproc_condition condition, int64_t timeout_ms);

/** Gives up the lock that goes with the condition, as mproc_lock_release or mproc_rlock_release does.
 *
 * Returns: as they do.
 * Blocks: never. Threads: of a lock any, of an RLock the holder. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Condition.release.
 */
MPROC_API int mproc_condition_release(mproc_condition condition);

/** Declares the guarded data whole again after MPROC_OWNER_DIED, as mproc_lock_repaired does.
 *
 * Returns: 0, also if nobody had died; MPROC_E_NOT_OWNER if the calling thread does not hold the lock;
 *     MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: the holder. Fork: any process of the family.
 * Since: 0.1
 */
MPROC_API int mproc_condition_repaired(mproc_condition condition);

/** Gives up the lock, however often an RLock is held, waits for a notification, and takes the lock again, as often.
 *
 * timeout_ms: of the wait for the notification; 0 or negative gives up the lock and takes it again at once. The lock
 *     is taken again without a limit, as in every condition: how long that lasts is up to who holds it.
 * Returns: with the lock held:
 *     0, notified;
 *     MPROC_E_TIMEOUT, not notified;
 *     MPROC_OWNER_DIED, notified or not: a holder of the lock died, look at the data and call the lock's repaired;
 *     MPROC_E_LIMIT, if MPROC_CONDITION_WAITERS_MAX threads wait already, the lock was not given up;
 *     MPROC_E_STALE, if the condition was destroyed meanwhile: the lock is held if it still exists, whether the
 *     condition was found gone before or after it was given up.
 *     Without it: MPROC_E_NOT_OWNER if the calling thread does not hold the lock; MPROC_E_STALE, MPROC_E_FOREIGN if
 *     condition or lock are none.
 * Blocks: until the notification or the time-out, and until the lock is free. A wait without time-out for a
 *     notification that nobody is left to give lasts for ever.
 * Threads: the holder of the lock. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Condition.wait.
 */
MPROC_API int mproc_condition_wait(mproc_condition condition, int64_t timeout_ms);

/** What mproc_condition_wait_for waits for: whether it is so. Called with the lock held, in the calling thread. One
 * that wants to give up answers true, and says so by what user points to. */
typedef bool mproc_predicate_fn(void *user);

/** Waits until the predicate holds, as a loop around mproc_condition_wait. It is asked before the first wait, after
 * each notification, and once more after the time-out.
 *
 * timeout_ms: of all waits together; 0 or negative asks once.
 * Returns: 0 when it holds; MPROC_E_TIMEOUT; MPROC_OWNER_DIED without
 *     asking again, for the data may be half changed; MPROC_E_INVALID without a predicate; else as
 *     mproc_condition_wait. The lock is held as after mproc_condition_wait.
 * Blocks: as mproc_condition_wait. Threads: the holder of the lock. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Condition.wait_for.
 */
MPROC_API int mproc_condition_wait_for(mproc_condition condition, mproc_predicate_fn *predicate, void *user,
                                       int64_t timeout_ms);

/** Wakes count of those who wait, the longest waiting first, or all if they are fewer. Call it while holding the lock.
 *
 * Returns: how many were notified, 0 or more; MPROC_E_INVALID for a negative count; MPROC_E_NOT_OWNER if the calling
 *     thread does not hold the lock; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: the holder of the lock. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Condition.notify.
 */
MPROC_API int mproc_condition_notify(mproc_condition condition, int count);

/** Wakes all who wait. Call it while holding the lock.
 *
 * Returns: as mproc_condition_notify.
 * Blocks: never. Threads: the holder of the lock. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Condition.notify_all.
 */
MPROC_API int mproc_condition_notify_all(mproc_condition condition);

#ifdef __cplusplus
}
#endif
#endif
