/* Semaphores that processes share: a count of permits, taken one at a time.
 *
 * A semaphore is a value: copy it into a task's argument, a result or shared memory, and it means the same semaphore in
 * every process of the family. There are three kinds, with the same functions:
 *
 * - The plain one counts. Anybody may release, also what he has not acquired: the count goes up. A permit that was held
 *   by a process that died is gone.
 * - A bounded one counts no higher than its initial value.
 * - One with track_owners knows which thread holds which permit, and gets the permits of the dead back. Whoever takes
 *   such a permit is told so, for what it stands for may be half changed. A permit is released by the thread that
 *   acquired it and by nobody else, so that it is bounded as well.
 */
#ifndef MPROC_SEMAPHORE_H
#define MPROC_SEMAPHORE_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A semaphore, by value. All zero is no semaphore. */
typedef struct mproc_semaphore {
    uint64_t id[2];
} mproc_semaphore;

/** The highest value of a semaphore. */
#define MPROC_SEMAPHORE_VALUE_MAX 2147483647

/** The highest value of a semaphore with track_owners. */
#define MPROC_SEMAPHORE_TRACKED_MAX 960

typedef struct mproc_semaphore_options {
    bool bounded;      /**< to release it more often than it was acquired is an error */
    bool track_owners; /**< permits of threads and processes that ended come back */
    const char *name;  /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_semaphore_options;

MPROC_API int mproc_semaphore_create_(mproc_semaphore *ret_semaphore, int64_t value,
                                      const mproc_semaphore_options *options, size_t options_size);

/** Makes a semaphore.
 *
 * value: how many permits there are at first; of a bounded one, at most, too. CPython's default is 1.
 * Returns: 0; MPROC_E_INVALID for a negative value; MPROC_E_LIMIT for one above MPROC_SEMAPHORE_VALUE_MAX, with
 *     track_owners above MPROC_SEMAPHORE_TRACKED_MAX, or if the family segment is full; MPROC_E_NOT_INITIALIZED;
 *     MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the semaphore is valid in all processes of the family.
 * Since: 0.1. Source: multiprocessing.Semaphore, BoundedSemaphore.
 */
static inline int mproc_semaphore_create(mproc_semaphore *ret_semaphore, int64_t value,
                                         const mproc_semaphore_options *options)
{
    return mproc_semaphore_create_(ret_semaphore, value, options, sizeof *options);
}

/** Frees the semaphore for all processes. Handles to it become stale; who waits for it gets MPROC_E_STALE.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_semaphore_destroy(mproc_semaphore semaphore);

/** Takes a permit.
 *
 * timeout_ms: 0 or negative tries once.
 * Returns: 0 with the permit; MPROC_OWNER_DIED with the permit, which a thread or process held that ended
 *     (track_owners only); MPROC_E_TIMEOUT; MPROC_E_STALE; MPROC_E_FOREIGN; with track_owners MPROC_E_LIMIT if there
 *     are more threads than the family has room for.
 * Blocks: until the time-out. With track_owners a holder's death ends the wait within 50 ms. Without it, and without
 *     a time-out, for ever if nobody releases.
 * Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Semaphore.acquire.
 */
MPROC_API int mproc_semaphore_acquire(mproc_semaphore semaphore, int64_t timeout_ms);

/** Gives a permit: the count goes up by one, and one waiter is woken.
 *
 * Returns: 0; MPROC_E_STATE if a bounded semaphore has its initial value; MPROC_E_LIMIT at
 *     MPROC_SEMAPHORE_VALUE_MAX; with track_owners MPROC_E_NOT_OWNER if the calling thread holds no permit;
 *     MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any; with track_owners the one that acquired. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Semaphore.release.
 */
MPROC_API int mproc_semaphore_release(mproc_semaphore semaphore);

/** How many permits can be had at this moment. With track_owners those of the dead count.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Semaphore.get_value; locked, CPython 3.14, is the value 0.
 */
MPROC_API int mproc_semaphore_get_value(mproc_semaphore semaphore, int64_t *ret_value);

#ifdef __cplusplus
}
#endif
#endif
