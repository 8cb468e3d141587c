/* A barrier: so many parties wait until all of them are there, then all go on; and so again.
 *
 * A barrier is a value: copy it into a task's argument, a result or shared memory, and it means the same barrier in
 * every process of the family.
 *
 * A barrier breaks when a wait runs into its time-out, when it is aborted, when its action fails, and when somebody
 * dies who waits or is attached: all who wait get MPROC_E_BROKEN_BARRIER, and so does whoever comes later, until
 * mproc_barrier_reset. A party that is neither waiting nor attached is unknown to the barrier; attach parties whose
 * death between two waits the others should learn of.
 *
 * The functions that are said never to block keep each other waiting for a microsecond or so, in which one of them
 * changes the barrier. A process that is stopped (SIGSTOP, a debugger) just there holds up the others until it goes on,
 * those too who wait with a time-out.
 */
#ifndef MPROC_BARRIER_H
#define MPROC_BARRIER_H

#include <mproc/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A barrier, by value. All zero is no barrier. */
typedef struct mproc_barrier {
    uint64_t id[2];
} mproc_barrier;

/** The highest number of parties. */
#define MPROC_BARRIER_PARTIES_MAX 256

/** How many threads can be inside mproc_barrier_wait of one barrier at a time, those included that a past generation
 * has let go and that have not run yet. */
#define MPROC_BARRIER_THREADS_MAX 352

/** The most bytes that a barrier keeps for its action. */
#define MPROC_BARRIER_ARGS_MAX 64

/** Run by the last party to come, in its process and thread, when all are there and before any goes on.
 *
 * user: the bytes that options.action_args named when the barrier was made, in a copy of the calling thread's, aligned
 *     for every type that needs 8 bytes or less; NULL if there are none. Handles of what is shared are what they are
 *     for: a pointer means nothing in another process.
 * Returns: 0; another number if it failed: then the barrier is broken.
 */
typedef int mproc_action_fn(mproc_barrier barrier, const void *user);

typedef struct mproc_barrier_options {
    mproc_action_fn *action; /**< NULL for none. Travels as task functions do: each process has its own copy */
    mproc_view action_args;  /**< what the action gets; copied, at most MPROC_BARRIER_ARGS_MAX bytes */
    int64_t timeout_ms;      /**< of waits that have MPROC_FOREVER; 0: none */
    const char *name;        /**< shown in messages; copied, cut at 31 bytes; NULL for none */
} mproc_barrier_options;

MPROC_API int mproc_barrier_create_(mproc_barrier *ret_barrier, int parties, const mproc_barrier_options *options,
                                    size_t options_size);

/** Makes a barrier.
 *
 * parties: 1 to MPROC_BARRIER_PARTIES_MAX.
 * Returns: 0; MPROC_E_INVALID for no parties, a negative time-out, or action_args without an action or at NULL;
 *     MPROC_E_LIMIT for too many parties or bytes of action_args, or if the family segment is full; MPROC_E_NO_FUNCTION
 *     for an action outside any module; MPROC_E_NOT_INITIALIZED; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the barrier is valid in all processes of the family.
 * Since: 0.1. Source: multiprocessing.Barrier.
 */
static inline int mproc_barrier_create(mproc_barrier *ret_barrier, int parties, const mproc_barrier_options *options)
{
    return mproc_barrier_create_(ret_barrier, parties, options, sizeof *options);
}

/** Frees the barrier for all processes. Handles to it become stale; who waits at it gets MPROC_E_STALE.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT if there are more threads than the family has room for.
 * Blocks: never. Threads: any. Fork: any process of the family may call it.
 * Since: 0.1
 */
MPROC_API int mproc_barrier_destroy(mproc_barrier barrier);

/** Makes the calling thread known as a party: if it ends, or its process does, without mproc_barrier_detach, the
 * barrier breaks.
 *
 * Returns: 0, also if it was attached; MPROC_E_LIMIT if as many as there are parties are attached, dead ones included
 *     until mproc_barrier_reset, or if there are more threads than the family has room for; MPROC_E_STALE;
 *     MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1
 */
MPROC_API int mproc_barrier_attach(mproc_barrier barrier);

/** Takes mproc_barrier_attach back.
 *
 * Returns: 0, also if it was not attached; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT if there are more threads than
 *     the family has room for.
 * Blocks: never. Threads: the one that attached. Fork: any process of the family.
 * Since: 0.1
 */
MPROC_API int mproc_barrier_detach(mproc_barrier barrier);

/** Waits until all parties are there. The last one runs the action first.
 *
 * timeout_ms: MPROC_FOREVER stands for the barrier's own time-out, if it has one. 0 or negative: breaks the barrier
 *     unless the caller is the last one.
 * ret_place: in which place the caller came, 0 to parties - 1, each once per generation. NULL if not wanted.
 * Returns: 0 when all are there; MPROC_E_TIMEOUT to the one
 *     whose time ran out, with the barrier broken, or if an action was under way all the time for which the caller was
 *     one too many; MPROC_E_BROKEN_BARRIER; MPROC_E_CALLBACK to the one whose action failed; MPROC_E_NO_FUNCTION to the
 *     one in whose process the action's module is missing, with the barrier broken; MPROC_E_DEADLOCK to an action that
 *     waits for its own barrier; MPROC_E_LIMIT if
 *     MPROC_BARRIER_THREADS_MAX threads are inside, or there are more threads than the family has room for;
 *     MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: until all are there, or the time-out; longer only while a process is stopped in the middle of changing the
 *     barrier (see above). A death of one who waits or is attached ends the wait within 50 ms.
 * Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Barrier.wait.
 */
MPROC_API int mproc_barrier_wait(mproc_barrier barrier, int64_t timeout_ms, int *ret_place);

/** Breaks the barrier.
 *
 * Returns: 0, also if it is broken; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT if there are more threads than the
 *     family has room for.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Barrier.abort.
 */
MPROC_API int mproc_barrier_abort(mproc_barrier barrier);

/** Makes the barrier as new. Those who wait get MPROC_E_BROKEN_BARRIER; the dead are no longer attached.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN; MPROC_E_LIMIT if there are more threads than the family has room for.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.1. Source: multiprocessing.Barrier.reset.
 */
MPROC_API int mproc_barrier_reset(mproc_barrier barrier);

/** How many parties the barrier has.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Barrier.parties.
 */
MPROC_API int mproc_barrier_get_parties(mproc_barrier barrier, int *ret_parties);

/** How many parties wait at this moment; all of them while the action runs.
 *
 * Returns: 0; MPROC_E_STALE; MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Barrier.n_waiting.
 */
MPROC_API int mproc_barrier_get_waiting(mproc_barrier barrier, int *ret_waiting);

/** Whether the barrier is broken.
 *
 * Returns: the answer; false for MPROC_E_STALE and MPROC_E_FOREIGN.
 * Blocks: never. Threads: any. Fork: any process of the family.
 * Since: 0.2. Source: multiprocessing.Barrier.broken.
 */
MPROC_API bool mproc_barrier_is_broken(mproc_barrier barrier);

#ifdef __cplusplus
}
#endif
#endif
