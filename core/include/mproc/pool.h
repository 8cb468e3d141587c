/* Pools: a fixed number of worker processes that run functions and return their results.
 *
 * Killing a worker, at any instruction, fails the one task it had started, with MPROC_E_WORKER_DIED, its pid
 * and its signal or exit code; every other task runs, and a new worker takes its place. Tasks that had not
 * started run exactly once; a task that had started runs at most once, unless its options allow retries.
 *
 * A pool belongs to the process that made it and may be used from all its threads. User code never runs on
 * the pool's own supervisor thread: callbacks have a thread of their own, or run in mproc_pool_dispatch.
 */
#ifndef MPROC_POOL_H
#define MPROC_POOL_H

#include <mproc/base.h>
#include <mproc/init.h>
#include <mproc/result.h>
#include <mproc/task.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mproc_pool mproc_pool;

typedef struct mproc_pool_options {
    int workers;                     /**< 0: mproc_cpu_count(); at most 1024 */
    mproc_start_method start_method; /**< of this pool's workers */
    const char *executable;          /**< spawn this program instead; NULL: mproc_set_executable's */
    const char *name;                /**< for messages; NULL: "Pool-1" and so on */
    mproc_function *initializer;     /**< runs first in every worker; failing it fails the start */
    mproc_args initializer_args;     /**< copied */
    mproc_function *exit_hook;       /**< runs last in every worker that ends in good order */
    int64_t exit_timeout_ms;         /**< how long a worker may take for its exit; then it is killed; 0: 10 s */
    int64_t start_timeout_ms;        /**< how long a worker may take to become ready, initializer included; 0: 30 s */
    int64_t max_tasks_per_worker;    /**< replace a worker after so many function calls; 0: never */
    int max_restarts;                /**< deaths within restart_window_ms that break the pool; 0: 16 + 4 x workers */
    int64_t restart_window_ms;       /**< 0: 1 s */
    size_t max_queued;               /**< submits beyond so many unstarted tasks wait; 0: no limit */
} mproc_pool_options;

/** Makes a pool and starts its workers; returns when all of them are ready.
 *
 * Returns: 0; MPROC_E_NOT_INITIALIZED; MPROC_E_INVALID for a negative number; MPROC_E_LIMIT above 1024
 *     workers; MPROC_E_INIT_FAILED with the initializer's message; MPROC_E_START_FAILED; MPROC_E_TIMEOUT;
 *     MPROC_E_NO_FUNCTION; MPROC_E_NOT_SUPPORTED; MPROC_E_OS; MPROC_E_NO_MEMORY; MPROC_E_STATE in a daemon process.
 *     After a failure no worker is left.
 * Blocks: until the workers are ready, at most the start time limit.
 * Threads: any. Fork: the pool belongs to the calling process. Under the fork method the workers are copies
 *     of the caller as it is now, and so are later replacements.
 * Since: 0.1. Source: multiprocessing.Pool.
 */
MPROC_API int mproc_pool_create(mproc_pool **ret_pool, const mproc_pool_options *options);

/** Ends submission. What was submitted still runs.
 *
 * Returns: 0, also if repeated; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.1. Source: Pool.close.
 */
MPROC_API int mproc_pool_close(mproc_pool *pool);

/** Kills the workers and their children. Every outstanding result becomes ready with MPROC_E_TERMINATED.
 *
 * Returns: 0, also if repeated; MPROC_E_WRONG_PROCESS.
 * Blocks: never; join waits for the workers' end. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.1. Source: Pool.terminate.
 */
MPROC_API int mproc_pool_terminate(mproc_pool *pool);

/** Waits until all tasks and callbacks are done and the workers have ended. Results stay readable.
 *
 * Returns: 0, also if repeated; MPROC_E_STATE before close or terminate; MPROC_E_TIMEOUT; MPROC_E_DEADLOCK
 *     from one of its callbacks; MPROC_E_WRONG_PROCESS.
 * Blocks: until the time-out. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.join.
 */
MPROC_API int mproc_pool_join(mproc_pool *pool, int64_t timeout_ms);

/** Frees the pool; terminates and joins it first if need be. Its results stay valid until they are freed.
 * NULL is allowed.
 *
 * Returns: 0; MPROC_E_DEADLOCK from one of its callbacks; MPROC_E_WRONG_PROCESS.
 * Blocks: until the workers have ended. Threads: nobody else using the pool. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_destroy(mproc_pool *pool);

typedef struct mproc_apply_options {
    int retries;             /**< how often to try again after the worker died; failures of the task itself are final */
    mproc_done_fn *on_done;  /**< called after success; after failure too if on_error is NULL */
    mproc_done_fn *on_error; /**< called after failure */
    void *user;              /**< handed to both */
} mproc_apply_options;

/** Runs a function in a worker and waits for its value.
 *
 * ret_value, size: as mproc_result_get.
 * Returns: as mproc_pool_apply_async and mproc_result_get.
 * Blocks: until the task has ended. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.apply.
 */
MPROC_API int mproc_pool_apply(mproc_pool *pool, mproc_function *function, mproc_args args,
                               const mproc_apply_options *options, void *ret_value, size_t size);

/** Submits a function; returns at once.
 *
 * ret_result: NULL for fire and forget.
 * Returns: 0; MPROC_E_CLOSED; MPROC_E_TERMINATED; MPROC_E_BROKEN with the reason; MPROC_E_NO_FUNCTION for a
 *     pointer outside any module; MPROC_E_INVALID; MPROC_E_NO_MEMORY; MPROC_E_LIMIT for an argument above 1
 *     GiB; MPROC_E_WRONG_PROCESS.
 * Blocks: only while max_queued tasks are waiting; never otherwise. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.apply_async.
 */
MPROC_API int mproc_pool_apply_async(mproc_pool *pool, mproc_function *function, mproc_args args,
                                     const mproc_apply_options *options, mproc_result **ret_result);

/** Like mproc_pool_apply_async, but never waits.
 *
 * Returns: also MPROC_E_FULL when max_queued tasks are waiting.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_try_submit(mproc_pool *pool, mproc_function *function, mproc_args args,
                                    const mproc_apply_options *options, mproc_result **ret_result);

typedef struct mproc_map_options {
    int64_t chunk_size;     /**< items per dispatch; 0: chosen from the measured time per item; negative: error */
    int retries;            /**< per item, after a worker's death */
    mproc_done_fn *on_done; /**< once for the whole map, as in mproc_apply_options */
    mproc_done_fn *on_error;
    void *user;
} mproc_map_options;

/** Runs a kernel over an array and waits: out[i] = kernel(in[i]).
 *
 * in, in_size, count: count items of in_size bytes. out, out_size: room for as many results; an item that
 *     failed leaves its place as it was. in and out may be the same array; out_size may be 0.
 * Returns: 0; the code of the first failed item by index, its message in mproc_last_error(); and as
 *     mproc_pool_map_async.
 * Blocks: until all items are done. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.map.
 */
MPROC_API int mproc_pool_map(mproc_pool *pool, mproc_item_function *kernel, const void *in, size_t in_size,
                             size_t count, void *out, size_t out_size, const mproc_map_options *options);

/** Starts a map. All items run, whatever fails; mproc_result_item tells about each.
 *
 * in, out: must stay valid, and out untouched, until the result is ready.
 * Returns: as mproc_pool_apply_async; MPROC_E_LIMIT for an item above 16 KiB. An empty map is ready at once and its
 * callback runs. Blocks: as mproc_pool_apply_async. Threads: any. Fork: the creator only. Since: 0.1. Source:
 * Pool.map_async.
 */
MPROC_API int mproc_pool_map_async(mproc_pool *pool, mproc_item_function *kernel, const void *in, size_t in_size,
                                   size_t count, void *out, size_t out_size, const mproc_map_options *options,
                                   mproc_result **ret_result);

/** Runs a function over an array, one task per item, and waits; each result has its own size and is read
 * with mproc_result_item.
 *
 * in: copied item by item.
 * Returns: 0 when all are done, whatever their codes, with a result to be freed; and as
 *     mproc_pool_map_results_async.
 * Blocks: until all items are done. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.map.
 */
MPROC_API int mproc_pool_map_results(mproc_pool *pool, mproc_function *function, const void *in, size_t in_size,
                                     size_t count, const mproc_map_options *options, mproc_result **ret_result);

/** Starts a map_results.
 *
 * Returns: as mproc_pool_apply_async.
 * Blocks: as mproc_pool_apply_async. Threads: any. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_map_results_async(mproc_pool *pool, mproc_function *function, const void *in, size_t in_size,
                                           size_t count, const mproc_map_options *options, mproc_result **ret_result);

/** Runs a function once per argument list, each of its own size, and waits.
 *
 * Returns, blocks, threads, fork: as mproc_pool_map_results.
 * Since: 0.1. Source: Pool.starmap.
 */
MPROC_API int mproc_pool_starmap(mproc_pool *pool, mproc_function *function, const mproc_args *args, size_t count,
                                 const mproc_map_options *options, mproc_result **ret_result);

/** Starts a starmap.
 *
 * Returns: as mproc_pool_apply_async.
 * Blocks: as mproc_pool_apply_async. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.starmap_async.
 */
MPROC_API int mproc_pool_starmap_async(mproc_pool *pool, mproc_function *function, const mproc_args *args, size_t count,
                                       const mproc_map_options *options, mproc_result **ret_result);

/** Supplies the input of an imap, one item a call.
 *
 * ret_args: what to pass to the function; valid until the next call.
 * Returns: 1 with an item; 0 at the end; a negative number if the input failed: it is reported in its place
 *     with that code, and iteration ends after it.
 */
typedef int mproc_source_fn(void *user, mproc_args *ret_args);

/** Results as they are consumed. */
typedef struct mproc_iter mproc_iter;

typedef struct mproc_imap_options {
    size_t buffer_size; /**< how many items may be taken from the source ahead of the consumer; 0: 64 x workers */
    int retries;        /**< per item, after a worker's death */
} mproc_imap_options;

/** Runs a function over lazily supplied input; outcomes come in input order. The source is called from
 * mproc_iter_next (and from here), in the caller's thread, never further ahead than buffer_size, so input
 * without end runs in constant memory.
 *
 * Returns: 0 with an iterator to be freed; and as mproc_pool_apply_async.
 * Blocks: as the source does. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.imap.
 */
MPROC_API int mproc_pool_imap(mproc_pool *pool, mproc_function *function, mproc_source_fn *source, void *user,
                              const mproc_imap_options *options, mproc_iter **ret_iter);

/** The same in order of completion.
 *
 * Returns, blocks, threads, fork: as mproc_pool_imap.
 * Since: 0.1. Source: Pool.imap_unordered.
 */
MPROC_API int mproc_pool_imap_unordered(mproc_pool *pool, mproc_function *function, mproc_source_fn *source, void *user,
                                        const mproc_imap_options *options, mproc_iter **ret_iter);

/** The next outcome. A failed item occupies its place with its code; iteration goes on.
 *
 * ret_outcome: valid until the next call or free; item is the index in input order.
 * Returns: 1 with an outcome; 0 at the end; MPROC_E_TIMEOUT, which loses nothing; MPROC_E_DEADLOCK as for
 *     mproc_result_get.
 * Blocks: until the time-out, and as the source does. Threads: one at a time. Fork: the creator only.
 * Since: 0.1. Source: IMapIterator.next.
 */
MPROC_API int mproc_iter_next(mproc_iter *iter, mproc_outcome *ret_outcome, int64_t timeout_ms);

/** Frees the iterator; items that have not started are cancelled. NULL is allowed.
 *
 * Blocks: never. Threads: nobody else using it. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API void mproc_iter_free(mproc_iter *iter);

/** A handle that is ready while callbacks are waiting, for the program's event loop. From this call on,
 * callbacks run in mproc_pool_dispatch and nowhere else. Owned by the pool.
 *
 * Returns: 0; MPROC_E_STATE if the callback thread has run already; MPROC_E_OS; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_handle(mproc_pool *pool, mproc_os_handle *ret_handle);

/** Runs the callbacks that are waiting, in the calling thread.
 *
 * Returns: how many ran; MPROC_E_STATE without mproc_pool_handle; MPROC_E_WRONG_PROCESS.
 * Blocks: as the callbacks do. Threads: one at a time. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_dispatch(mproc_pool *pool);

/** What a pool has done and is doing. */
typedef struct mproc_pool_stats {
    int workers;        /**< ready */
    int idle;           /**< of these, without a task */
    uint64_t queued;    /**< tasks and chunks that have not started */
    uint64_t running;   /**< started and not ended */
    uint64_t submitted; /**< since creation */
    uint64_t succeeded;
    uint64_t failed;
    uint64_t cancelled;
    uint64_t retried;
    uint64_t deaths;   /**< workers that ended without being told to */
    uint64_t restarts; /**< replacements, planned ones too */
    uint64_t busy_ns;  /**< time the workers spent in functions */
} mproc_pool_stats;

/** Counts at this moment.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_get_stats(mproc_pool *pool, mproc_pool_stats *ret_stats);

/** The pids of the workers that are ready.
 *
 * ret_pids: room for capacity; as many as fit are written.
 * Returns: how many there are; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_worker_pids(mproc_pool *pool, int64_t *ret_pids, int capacity);

/* The calls above record the text of their function argument and the place of the call, for messages and the
 * monitor: a macro of the same name sets it for the next submission of this thread. */

/** Records the call site of the calling thread's next submission. The macros below do this.
 *
 * site: "FUNCTION-TEXT\0FILE:LINE", static.
 * Returns: pool, unchanged.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.1
 */
MPROC_API mproc_pool *mproc_at_site(const char *site, mproc_pool *pool);

#ifndef MPROC_NO_CALL_SITES
#define MPROC_STRING_(x)            #x
#define MPROC_STRING(x)             MPROC_STRING_(x)
#define MPROC_SITE(...)             #__VA_ARGS__ "\0" __FILE__ ":" MPROC_STRING(__LINE__)
#define mproc_pool_apply(pool, ...) mproc_pool_apply(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_apply_async(pool, ...)                                                                              \
    mproc_pool_apply_async(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_try_submit(pool, ...)                                                                               \
    mproc_pool_try_submit(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map(pool, ...)       mproc_pool_map(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map_async(pool, ...) mproc_pool_map_async(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map_results(pool, ...)                                                                              \
    mproc_pool_map_results(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map_results_async(pool, ...)                                                                        \
    mproc_pool_map_results_async(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_starmap(pool, ...) mproc_pool_starmap(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_starmap_async(pool, ...)                                                                            \
    mproc_pool_starmap_async(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_imap(pool, ...) mproc_pool_imap(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_imap_unordered(pool, ...)                                                                           \
    mproc_pool_imap_unordered(mproc_at_site(MPROC_SITE(__VA_ARGS__), pool), __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
