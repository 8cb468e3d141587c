/* Results: what a pool's asynchronous calls return at once, and where the outcome appears later.
 *
 * A result belongs to the caller of the function that returned it and is freed with mproc_result_free, ready or not:
 * the task goes on. The handle names the result without pointing at it: using it after free is answered with
 * MPROC_E_STALE. Another process gets MPROC_E_WRONG_PROCESS, or MPROC_E_STALE if mproc started it, and so does NULL.
 *
 * None of the waits here needs the callback thread: they may be called from callbacks, on any result.
 */
#ifndef MPROC_RESULT_H
#define MPROC_RESULT_H

#include <mproc/base.h>
#include <mproc/message.h>
#include <mproc/task.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mproc_result mproc_result;

/** How a task, or one item of a map, ended.
 *
 * code is 0 whatever positive number the function returned.
 *
 * value.data is aligned for every type that needs 8 bytes or less: a struct of numbers may be read in place. Copy what
 * needs more (long double, vectors of the CPU). Children that are forked later, by mproc or by the program itself,
 * do not have a value's memory: copy it before.
 *
 * Of a map as a whole, code and message, and item, pid and worker with them, are those of the first failed item by
 * index (-1, 0 and -1 without one); its value is empty; run_ns is the sum over its chunks. Of a starmap or map_results
 * as a whole it is code, message and item; pid and the rest stand in the item's own outcome.
 */
typedef struct mproc_outcome {
    int code;             /**< 0, the task's own negative number, or MPROC_E_... */
    const char *message;  /**< never NULL; "" after success */
    mproc_view value;     /**< the result's bytes after success */
    const char *function; /**< the function argument as written at the call if that is a name, else its symbol, or "";
                             valid until this thread asks for another outcome. In a function of the program's that hands
                             a task on, the name of its parameter: see pool.h */
    const char *where;    /**< "file.c:12", the call; "" if it was made without the macros of pool.h */
    int64_t item;         /**< index in a map, starmap or imap; -1 for a single task */
    int64_t pid;          /**< of the worker that ran it last; 0 if none did, and for succeeded items of a map */
    int worker;           /**< its place in the pool; -1 where pid is 0 */
    unsigned attempt;     /**< attempts used; 0 if none, and for a map and its items */
    int64_t exit_code;    /**< of a worker that died with its task (MPROC_E_WORKER_DIED; a limit's MPROC_E_TIMEOUT and
                             MPROC_E_LIMIT; MPROC_E_CANCELLED): as mproc_process_get_exit_code says it; else 0 */
    int64_t wait_ns;      /**< from submission to start; 0 for a map and its items */
    int64_t run_ns;       /**< in the function; for items of a map, that of the whole map */
    const char *stack; /**< with crash_reports in the pool's options, and MPROC_E_WORKER_DIED, or MPROC_E_BROKEN since
                             workers died before they were ready: see crash.h; else "" */
    const char
        *saved_task;   /**< with crash_directory there, and a worker that died by itself: the file that the task was
                               saved to, see crash.h; else "" */
    uint64_t id;       /**< the task's number, as mproc_task_get_id says it; of a map's item that of the map */
    int64_t queued_ns; /**< with statistics in the pool's options: the part of wait_ns before it was handed to a worker,
                            which it may not have begun; else 0, as for a map and its items */
    int64_t copy_ns;   /**< what the worker took for a large argument or value, beside run_ns: see stats.h; 0 for a map
                            and its items */
    int64_t return_ns; /**< with statistics in the pool's options: from the end in the worker until the value was here;
                            else 0, as for a map and its items */
} mproc_outcome;

/** Told how a task ended. Runs in the parent, on the pool's callback thread or in mproc_pool_dispatch, one at a time,
 * in order of completion, after the result is ready. May submit, wait for results, cancel, close and terminate;
 * joining or freeing its own pool is MPROC_E_DEADLOCK.
 *
 * outcome: valid during the call; outcome->function only until the callback asks for another outcome.
 * Returns: 0; a negative number is reported on the job: its result's code becomes MPROC_E_CALLBACK if it was 0, and
 *     the failure is logged. The result was ready before: whoever looked at once has seen 0, and whoever looks again
 *     sees MPROC_E_CALLBACK. mproc_pool_join waits for the callbacks: after it the code is the last.
 */
typedef int mproc_done_fn(const mproc_outcome *outcome, void *user);

/** Waits for the result and copies its value.
 *
 * ret_value, capacity: room for the value. NULL and 0 ask for the code alone, whatever the value's size. A map, which
 *     writes into the caller's array, and the batch of a starmap or map_results have no value: NULL and 0.
 * ret_size: the value's size, which may be less than capacity; written also with MPROC_E_TOO_SHORT. NULL: the value
 *     must have exactly capacity bytes.
 * Returns: 0; the task's own negative code or the MPROC_E_ code it failed with (the message is mproc_last_error()),
 *     for several items that of the first by index; MPROC_E_TIMEOUT, which does not cancel (a task that returns this
 *     very code cannot be told from it: mproc_result_get_outcome can); MPROC_E_TOO_SHORT if the value is
 *     larger than capacity, and without ret_size MPROC_E_SIZE if it has another size; MPROC_E_STALE. May be repeated.
 * Blocks: until the time-out. Threads: any. Fork: the process that made the pool.
 * Since: 0.2. Source: AsyncResult.get.
 */
MPROC_API int mproc_result_get(mproc_result *result, int64_t timeout_ms, void *ret_value, size_t capacity,
                               size_t *ret_size);

MPROC_API int mproc_result_get_outcome_(mproc_result *result, int64_t timeout_ms, mproc_outcome *ret_outcome,
                                        size_t outcome_size);

/** Waits for the result and shows its whole outcome, values of any size in place.
 *
 * ret_outcome: valid until the result is freed, but for its member function.
 * Returns: 0 when ready, whatever outcome.code says; MPROC_E_TIMEOUT; MPROC_E_STALE.
 * Blocks: until the time-out. Threads: any. Fork: the process that made the pool.
 * Since: 0.2
 */
static inline int mproc_result_get_outcome(mproc_result *result, int64_t timeout_ms, mproc_outcome *ret_outcome)
{
    return mproc_result_get_outcome_(result, timeout_ms, ret_outcome, sizeof *ret_outcome);
}

MPROC_API int mproc_result_get_item_(mproc_result *result, size_t index, mproc_outcome *ret_outcome,
                                     size_t outcome_size);

/** The outcome of one item of a map, starmap or map_results. Items that succeeded have code 0. A single task is item 0
 * of itself.
 *
 * ret_outcome: valid until the result is freed, but for its member function. For an item of mproc_pool_map the value
 *     is a view into the caller's out array, and the message was cut at 87 bytes.
 * Returns: 0; MPROC_E_NOT_READY; MPROC_E_RANGE for an index beyond the end; MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.2
 */
static inline int mproc_result_get_item(mproc_result *result, size_t index, mproc_outcome *ret_outcome)
{
    return mproc_result_get_item_(result, index, ret_outcome, sizeof *ret_outcome);
}

/** How many items the result has: 1 for a single task, 0 for an empty map. It need not be ready.
 *
 * Returns: 0; MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.2
 */
MPROC_API int mproc_result_get_count(mproc_result *result, size_t *ret_count);

/** Waits until the result is ready.
 *
 * Returns: 0, whatever the task's code; MPROC_E_TIMEOUT; MPROC_E_STALE.
 * Blocks: until the time-out. Threads: any. Fork: the process that made the pool.
 * Since: 0.1. Source: AsyncResult.wait.
 */
MPROC_API int mproc_result_wait(mproc_result *result, int64_t timeout_ms);

/** Whether the result is ready.
 *
 * Returns: the answer; false for MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.2. Source: AsyncResult.ready.
 */
MPROC_API bool mproc_result_is_ready(mproc_result *result);

/** Whether the task has ended, and succeeded.
 *
 * Returns: the answer; false for MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.2. Source: AsyncResult.successful.
 */
MPROC_API bool mproc_result_is_successful(mproc_result *result);

/** Waits for the result and hands its value over as a message, without a copy if it is large; the result is freed. Such
 * a message may go on as the argument of another task (mproc_pool_apply_message) or into a queue (mproc_queue_commit).
 * One that a callback of the result has still to see is copied.
 *
 * ret_message: to be freed with mproc_message_free or handed on. It lives as long as this process, whatever becomes of
 *     the pool and the calling thread.
 * Returns: as mproc_result_get, but for MPROC_E_TOO_SHORT and MPROC_E_SIZE; MPROC_E_TYPE for a map or the batch of a
 *     starmap or map_results; MPROC_E_NO_MEMORY. The result is freed if this is 0, and is as it was if not.
 * Blocks: until the time-out. Threads: any; nobody else may be in a call with this result. Fork: the process that made
 *     the pool.
 * Since: 0.2
 */
MPROC_API int mproc_result_take(mproc_result *result, int64_t timeout_ms, mproc_message *ret_message);

/** Cancels what has not started. A cancelled task never runs; its result is ready with MPROC_E_CANCELLED. A task whose
 * worker died and that waits for its retry does not run again. Of a map, the chunks that have not started are
 * cancelled, of a starmap or map_results the items.
 *
 * Returns: 0 if cancelled (of a map: nothing of it runs any more, and some of it was cancelled); MPROC_WAS_RUNNING, of
 *     a map if some of it runs, the rest being cancelled; MPROC_WAS_FINISHED; MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.1. Source: Future.cancel.
 */
MPROC_API int mproc_result_cancel(mproc_result *result);

/** Cancels what has not started, as mproc_result_cancel does, and ends what runs: it is asked to end, which
 * mproc_task_must_end tells it, and the pool's grace_ms later its worker is killed, with all that it has started;
 * without grace_ms at once. Its result is ready soon after with MPROC_E_CANCELLED; one that ends by itself before it is
 * killed ends as it says. It is not retried. The worker's other tasks, and those that it would run next, are not
 * touched. Of a map, all its chunks that run are ended, and none of their items runs later.
 *
 * Returns: 0 if cancelled, and nothing of it ran; MPROC_WAS_RUNNING if it, or some of it, runs and is being ended: wait
 *     for the result; MPROC_WAS_FINISHED; MPROC_E_NOT_SUPPORTED if it runs in a thread, which cannot be killed: it goes
 *     on, and of a map or starmap the rest is cancelled; MPROC_E_STALE.
 * Blocks: never, but for the kill. Threads: any, callbacks too. Fork: the process that made the pool.
 * Since: 0.2
 */
MPROC_API int mproc_result_cancel_running(mproc_result *result);

/** Adds a callback, to be called after success and after failure. On a result that is ready it is queued at once. The
 * callbacks of one result run in the order in which they were added, those given at submission first.
 *
 * Returns: 0; MPROC_E_INVALID without a function; MPROC_E_NO_MEMORY; MPROC_E_OS if there is no thread for callbacks;
 *     MPROC_E_CLOSED if the pool was freed; MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.2. Source: Future.add_done_callback.
 */
MPROC_API int mproc_result_add_callback(mproc_result *result, mproc_done_fn *function, void *user);

/** Frees the result. The task itself goes on: its callbacks still run. NULL is allowed. No other thread may be in a
 * call with this result.
 *
 * Returns: 0; MPROC_E_STALE if it was freed before.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.1
 */
MPROC_API int mproc_result_free(mproc_result *result);

/** The result as something to wait for: it is ready when its task has ended. Nobody may free it meanwhile.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_result(mproc_result *result)
{
    return mproc_waitable_object_(MPROC_WAITABLE_RESULT, result);
}

/** What mproc_wait_results waits for. */
typedef enum mproc_wait_for {
    MPROC_WAIT_FOR_FIRST = 1, /**< any one is ready */
    MPROC_WAIT_FOR_ERROR = 2, /**< any one has failed, or all are ready; one that was cancelled has not failed */
    MPROC_WAIT_FOR_ALL = 3    /**< all are ready */
} mproc_wait_for;

/** Waits for several results, of one pool or more.
 *
 * ret_ready: NULL, or count flags, set for each result whether it is ready.
 * Returns: how many are ready, when the condition holds; 0 at once for no results; MPROC_E_TIMEOUT (ret_ready is
 *     written then too); MPROC_E_INVALID for another condition; MPROC_E_LIMIT for more than INT_MAX results;
 *     MPROC_E_NO_MEMORY; MPROC_E_STALE.
 * Blocks: until the time-out. Threads: any, as long as nobody frees one of the results. Fork: the process that made
 *     the pools.
 * Since: 0.2. Source: concurrent.futures.wait.
 */
MPROC_API int mproc_wait_results(mproc_result *const *results, size_t count, mproc_wait_for wait_for,
                                 int64_t timeout_ms, bool *ret_ready);

/** Results in order of completion. */
typedef struct mproc_completed mproc_completed;

/** Starts going through results in the order in which they complete.
 *
 * results: the array is copied; the results themselves stay the caller's. One that is there twice comes once.
 * Returns: 0 with an iteration to be freed; MPROC_E_LIMIT for more than INT_MAX results; MPROC_E_NO_MEMORY;
 *     MPROC_E_STALE.
 * Blocks: never. Threads: any. Fork: the process that made the pool.
 * Since: 0.2. Source: concurrent.futures.as_completed.
 */
MPROC_API int mproc_completed_create(mproc_completed **ret_completed, mproc_result *const *results, size_t count);

/** The next result to have completed, each once. One that was handed out may be freed.
 *
 * Returns: 1 with a result; 0 after the last; MPROC_E_TIMEOUT, which loses nothing; MPROC_E_NO_MEMORY; MPROC_E_STALE
 *     if a result was freed that is still to come.
 * Blocks: until the time-out. Threads: one at a time. Fork: the process that made the pool.
 * Since: 0.2
 */
MPROC_API int mproc_completed_next(mproc_completed *completed, int64_t timeout_ms, mproc_result **ret_result);

/** Frees the iteration, not the results. NULL is allowed.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: nobody else using it. Fork: the process that made it.
 * Since: 0.2
 */
MPROC_API int mproc_completed_free(mproc_completed *completed);

#ifdef __cplusplus
}
#endif
#endif
