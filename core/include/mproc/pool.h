/* Pools: workers, processes or threads, that run functions and return their results.
 *
 * Killing a worker process, at any instruction, fails the one task it had started, with MPROC_E_WORKER_DIED, its pid
 * and its signal or exit code; every other task runs, and a new worker takes its place. Tasks that had not
 * started run exactly once; a task that had started runs at most once, unless its options allow retries.
 *
 * Time limits of tasks. Time counts from when a worker begins a task until its result is there; waiting does not
 * count. A soft limit is the task's own business: mproc_task_should_end is true from then on, and nothing else happens.
 * At the hard limit a task is ended, in two steps: it is asked to end, which mproc_task_must_end tells it, and grace_ms
 * later its worker is killed, with all that it has started; without grace_ms at once. The task fails with
 * MPROC_E_TIMEOUT, and its message names the limit and its value; it is not retried, and the death does not count for
 * max_restarts. A task that ends by itself before it is killed ends as it says, however late. It is killed whatever it
 * does: computes, sleeps, is stopped, ignores signals. The kill hits this task alone: what else its worker had been
 * given runs elsewhere, and nothing begins there in that moment. It comes within 20 ms of the limit, on a machine that
 * has a CPU for it. With retries, which are for workers that die by themselves, each attempt has the full time.
 *
 * The limits of mproc_pool_map are per item; for that its items are handed out one by one, which costs about a
 * microsecond each. With a chunk_size in the task's options they are handed out as that says, and the limits hold for
 * a chunk: of one that takes longer the item under way fails, the items before it are good, and those after it run
 * elsewhere with the full time.
 *
 * With .kind = MPROC_POOL_THREADS the workers are threads of this process: for functions that mostly wait, or that work
 * on the program's own memory. They start sooner. All calls and all codes are the same, and arguments and values are
 * copied as they are for processes. What is different:
 *   - A thread cannot be killed. A task that runs when its pool is terminated goes on to its end, although its result
 *     is ready, with MPROC_E_TERMINATED: mproc_pool_join and mproc_pool_free wait for that end.
 *   - A crash in a task is a crash of the program. A task that ends its own thread, by pthread_exit or ExitThread,
 *     costs itself alone: MPROC_E_WORKER_DIED.
 *   - What is about processes, or needs a kill, is refused: start_method, executable, inherit_stdin,
 *     start_timeout_ms, exit_timeout_ms, task_timeout_ms, grace_ms, max_worker_memory, max_worker_address_space,
 *     crash_reports, crash_directory, cpus, environment, stdout_path, stderr_path, monitor_output and nice;
 *     timeout_ms of a task;
 *     mproc_result_cancel_running of a task that runs. What a task looks at itself works: task_soft_timeout_ms and
 *     soft_timeout_ms.
 *   - The pid of every worker is that of this process.
 *   - The initializer and the exit hook run once in each thread, for what is thread-local. The exit hook runs after
 *     mproc_pool_terminate as well, since what a thread had opened is still open.
 *   - A function's pointer is taken as it is and looked up nowhere: it may be one that was made at run time.
 *   - Tasks may use the pool they run in. One that waits for another occupies its worker meanwhile: if all do, it is
 *     for ever.
 *   - A daemon process may have such a pool.
 *
 * Arguments and values above 8 KiB lie in the memory that processes share (memory.h): an argument is copied there once,
 * a value is built or copied there by its task, and both are read in place. mproc_pool_apply_message and
 * mproc_task_reserve_value spare these copies as well. Arguments take up to a quarter of that memory, arguments and
 * values together up to a half, of all pools of a process. What is more than that, or does not fit, lies in memory of
 * the process and takes longer on its way; it fails only where there is none of that either. The memory stays warm
 * while large payloads come and go, at most a quarter of all, and is given back a second after the last one (not on
 * Windows).
 *
 * A pool belongs to the process that made it and may be used from all its threads. One that still has workers or tasks
 * when that process ends is lost with it: a line at MPROC_LOG_WARNING says so. User code never runs on
 * the pool's own supervisor thread: callbacks have a thread of their own, or run in mproc_pool_dispatch.
 *
 * Worker processes have an empty standard input, and each is in a process group of its own (Windows: a console process
 * group and a job), so that Ctrl-C reaches the parent alone, as with processes: see process.h. To a terminal they are
 * in the background: a task that reads from one, which takes inherit_stdin or opening it, or that writes to one set to
 * `stty tostop`, is stopped by the system. A stopped task is not dead, and ends when it is continued or the pool is
 * terminated; a line in the log (MPROC_LOG_WARNING) tells of it.
 */
#ifndef MPROC_POOL_H
#define MPROC_POOL_H

#include <mproc/base.h>
#include <mproc/init.h>
#include <mproc/message.h>
#include <mproc/result.h>
#include <mproc/stats.h>
#include <mproc/task.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a pool's workers are. */
typedef enum mproc_pool_kind {
    MPROC_POOL_PROCESSES = 0, /**< processes, by the pool's start method */
    MPROC_POOL_THREADS = 1    /**< threads of this process, see above */
} mproc_pool_kind;

typedef struct mproc_pool_options {
    int workers;                     /**< the most there are: 0: mproc_get_cpu_count(); at most 1024 */
    int min_workers;                 /**< how many it starts with and keeps; more are started while tasks wait, up to
                                        workers. 0: workers, as always there as many; above workers it is
                                        MPROC_E_INVALID */
    int64_t idle_timeout_ms;         /**< how long a worker above min_workers stays without a task; 0: for ever */
    mproc_start_method start_method; /**< of this pool's workers, if they are processes */
    const char *executable;          /**< spawn this program instead; copied; NULL: mproc_set_executable's. Under any
                                        other method it is MPROC_E_INVALID */
    const char *name;                /**< for messages; copied, cut at 63 bytes; NULL: "Pool-1" and so on */
    mproc_task_fn *initializer;      /**< runs first in every worker; failing it fails the start, and so does its death:
                                        MPROC_E_START_FAILED, with the signal or exit code in mproc_last_error() */
    mproc_view initializer_args;     /**< copied */
    mproc_task_fn *exit_hook;        /**< runs last in every worker that ends in good order; its code is ignored */
    int64_t exit_timeout_ms;         /**< how long a worker may take for its exit; then it is killed; 0: 10 s */
    int64_t start_timeout_ms;        /**< how long a worker may take to become ready, initializer included; 0: 30 s */
    int64_t task_timeout_ms;         /**< hard time limit of every task that has none of its own, see above; 0 or
                                        MPROC_FOREVER: none. For maps see chunk_size */
    int64_t task_soft_timeout_ms;    /**< soft time limit, likewise; below the hard one, if there are both */
    int64_t grace_ms;                /**< what a task gets from being asked to end until its worker is killed, over its
                                        hard time limit or by mproc_result_cancel_running; 0: killed at once */
    size_t max_worker_memory;        /**< bytes; a worker that has more resident memory, all that it shares with others
                                        included, is killed, and the task that it runs fails with MPROC_E_LIMIT, or is
                                        tried again as retries allow. Measured ten times a second while tasks run, the
                                        worker's own process alone. 0: no limit */
    size_t max_worker_address_space; /**< bytes; more of it the system does not give to a worker, nor to what that
                                        starts: malloc returns NULL, a stack that cannot grow is a fault. Address space
                                        (RLIMIT_AS) on POSIX, memory committed on Windows. 0: no limit */
    int64_t max_tasks_per_worker;    /**< replace a worker after so many calls and map chunks; 0: never */
    int max_restarts;                /**< one more death within restart_window_ms breaks the pool; 0: 16 + 4 x workers;
                                        above 65536, INT_MAX for instance: no limit */
    bool inherit_stdin;              /**< workers read this process's standard input, all from the same place; else
                                        theirs is empty. For a pipe or a file: see above */
    int64_t restart_window_ms;       /**< 0: 1 s */
    size_t max_queued;               /**< how many queued tasks make mproc_pool_apply_async wait; 0: no limit */
    const int *cpus;                /**< those that workers run on, one each: worker i on cpus[i % cpu_count]; copied */
    size_t cpu_count;               /**< how many; 0: workers run where the program does. A CPU's number is the
                                       system's; on Windows it is within the program's processor group, from 0 */
    const char *const *environment; /**< what workers change in their environment before the initializer: "NAME=value",
                                       or "NAME" to remove it; NULL ends it; copied. Under fork no other thread may be
                                       in setenv while the pool is made. On Windows getenv shows no variable whose value
                                       is empty */
    const char *stdout_path;        /**< the file that workers' standard output is appended to, the first "%d" in the
                                       name being the worker's index; "": nowhere; copied; NULL: as this process's */
    const char *stderr_path;        /**< the same for their standard error */
    int64_t nice;          /**< is added to workers' nice value, -20 to 19, where more is less CPU time. On Windows
                                       a priority class: 10 and above idle, 1 to 9 below normal, -1 to -14 above
                                       normal, lower ones high */
    int64_t kind;          /**< of its workers: a mproc_pool_kind */
    int64_t crash_reports; /**< not 0: a worker that dies of a fault leaves its stack, see crash.h */
    const char *crash_directory; /**< where tasks that their worker died of are saved, see crash.h; copied; NULL: they
                                        are not */
    int64_t statistics;          /**< not 0: keeps times per function and the slowest tasks, see stats.h */
    int64_t monitor;             /**< 1: other programs of this user can watch the pool, which keeps statistics: after
                                    mproc_init or mproc_monitor_start, else MPROC_E_NOT_INITIALIZED; -1: it is never
                                    shown; 0: it is shown if the program is to be watched at all, which its
                                    environment or a call may say. See monitor.h */
    int64_t monitor_control;     /**< not 0: who watches may pause, resume and resize it, end or restart its workers,
                                    cancel its tasks, and have failed ones tried again; see monitor.h */
    int64_t monitor_no_previews; /**< not 0: arguments and results are shown to nobody, since they are secret */
    mproc_describe_fn *describe; /**< says in words what an argument or a result is, see task.h; NULL: a text is shown
                                    in quotes, anything else as hexadecimal numbers, up to 256 bytes */
    int64_t monitor_output;      /**< 1: what workers write to standard error comes by way of this process, which passes
                                    it on to its own, shows it to who watches, and keeps the last 4 KiB of each worker
                                    for the news of its death. A worker that writes faster than this process's standard
                                    error takes it waits, as for any pipe. What processes that a worker leaves behind
                                    write after mproc_pool_free is refused to them. 0: standard error is theirs. Not
                                    with stderr_path */
} mproc_pool_options;

MPROC_API int mproc_pool_create_(mproc_pool **ret_pool, const mproc_pool_options *options, size_t options_size);

/** Makes a pool and starts its workers, min_workers of them; returns when these are ready.
 *
 * What the system refuses to a worker, a nice value below that of the program for instance, or a file that cannot be
 * opened, fails its start, with an error that names it.
 *
 * A pool that has fewer than `workers` gets more while tasks wait for longer than some milliseconds, started by a
 * thread of its own. One that cannot be started is tried again, as a replacement is, within the restart limit.
 *
 * Every later worker, a replacement, has the same time limit and runs the same initializer. If one of them is late or
 * its initializer fails, the pool is broken, for its successors would fare no better.
 *
 * options: NULL for the defaults.
 * Returns: 0; MPROC_E_NOT_INITIALIZED; MPROC_E_INVALID for a negative number, more min_workers than workers, a soft
 *     time limit that is not below the hard one, an executable under another method
 *     than spawn, a kind that there is not, a CPU that the
 *     program may not use, a nice value or a variable that cannot be one, or, of threads, a start method, an
 *     executable, a standard input, crash reports, CPUs, an environment, files for standard output or error or a nice
 *     value; MPROC_E_NOT_SUPPORTED for a time limit or a memory limit of threads, which
 *     cannot be killed; MPROC_E_LIMIT above 1024 workers, if the family segment is full, or if a worker has more memory
 *     at its start than its limits allow, or may not have as much; MPROC_E_INIT_FAILED with the message of the
 *     initializer or of the fork server's preload function;
 *     MPROC_E_START_FAILED; MPROC_E_TIMEOUT; MPROC_E_NO_FUNCTION; MPROC_E_MISMATCH; MPROC_E_NOT_SUPPORTED, also if
 *     crash_reports are wanted where stacks cannot be walked; MPROC_E_OS; MPROC_E_NO_MEMORY; MPROC_E_STATE for
 *     processes in a daemon process;
 *     MPROC_E_WRONG_PROCESS in a copy made by the program's own fork. After a failure no worker, and no process, of the
 *     pool is left.
 * Blocks: until the workers are ready, at most the start time limit; as long as the initializers of threads take.
 * Threads: any. Fork: the pool belongs to the calling process. Under the fork method the workers are copies of the
 *     caller as it is now, and so are later replacements: all are forked from a template process that was forked
 *     first. Should somebody kill that, a new one is forked from the caller as it is then, by a thread of the pool's.
 * Since: 0.1. Source: multiprocessing.Pool.
 */
static inline int mproc_pool_create(mproc_pool **ret_pool, const mproc_pool_options *options)
{
    return mproc_pool_create_(ret_pool, options, sizeof *options);
}

/** Ends submission. What was submitted still runs; an imap takes no more input, see mproc_iter_next. Each worker ends
 * when there is no more for it, as one does that has had max_tasks_per_worker: after its exit hook and its exit
 * handlers it kills what its tasks have started and not ended, as mproc_pool_terminate does.
 *
 * Returns: 0, also if repeated; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.1. Source: Pool.close.
 */
MPROC_API int mproc_pool_close(mproc_pool *pool);

/** Kills the workers and all that they have started, process groups and sessions of their own included; a process whose
 * own parent has ended by then is found in the worker's group only (on Windows, always). Workers that are threads end
 * after the tasks that they run. Every outstanding result becomes ready with MPROC_E_TERMINATED, before this returns.
 *
 * Returns: 0, also if repeated; MPROC_E_WRONG_PROCESS.
 * Blocks: never; join waits for the workers' end. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.1. Source: Pool.terminate.
 */
MPROC_API int mproc_pool_terminate(mproc_pool *pool);

/** Changes how many workers a pool has, as min_workers and workers of mproc_pool_options. Too many are sent off, each
 * when the task that it has begun has ended: what it has not begun goes to the others. Too few are started by the
 * pool's own thread. No task is lost or run twice. A default max_restarts follows.
 *
 * min_workers: 0: as many as workers.
 * workers: 0: mproc_get_cpu_count().
 * Returns: 0; MPROC_E_INVALID for a negative number, or more min_workers than workers; MPROC_E_LIMIT above 1024
 *     workers; MPROC_E_NO_MEMORY; MPROC_E_TERMINATED, or what broke the pool; MPROC_E_WRONG_PROCESS. After a failure
 *     the pool is as before.
 * Blocks: never. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_resize(mproc_pool *pool, int min_workers, int workers);

/** Lets no more tasks start; those that run go on. Also tasks that workers were given and have not begun wait, and so
 * do the rest of a map under way and the tasks of an imap. Tasks are still taken, and can be cancelled; what waits for
 * their results waits, and so does mproc_pool_join of a closed pool that has any. Terminating and freeing are as
 * always.
 *
 * Returns: 0, also if repeated: it is not counted; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_pause(mproc_pool *pool);

/** Lets tasks start again.
 *
 * Returns: 0, also of a pool that is not paused; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_resume(mproc_pool *pool);

/** Cancels every task that has not begun: single ones, the items of maps, starmaps and imaps, with MPROC_E_CANCELLED as
 * mproc_result_cancel does. Those that run go on. Before or after mproc_pool_close; an imap goes on with new input
 * unless the pool is closed.
 *
 * Returns: how many tasks and items; INT_MAX for more; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.2. Source: Executor.shutdown(cancel_futures=True).
 */
MPROC_API int mproc_pool_cancel_queued(mproc_pool *pool);

/** Waits until all tasks and callbacks are done and the workers have ended. Results stay readable. Callbacks that wait
 * for mproc_pool_dispatch are not waited for.
 *
 * Returns: 0, also if repeated; MPROC_E_STATE before close or terminate of a pool that is not broken; MPROC_E_TIMEOUT;
 *     MPROC_E_DEADLOCK from one of its callbacks, or its own task in a thread; MPROC_E_WRONG_PROCESS.
 * Blocks: until the time-out. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.join.
 */
MPROC_API int mproc_pool_join(mproc_pool *pool, int64_t timeout_ms);

/** The pool as something to wait for: it is ready when mproc_pool_join would not wait. One that nobody closes never is.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_pool(mproc_pool *pool)
{
    return mproc_waitable_object_(MPROC_WAITABLE_POOL, pool);
}

/** Frees the pool; terminates it first unless it was closed or terminated and has ended. Its results and iterators stay
 * valid until they are freed. Callbacks run before it returns, but for those that wait for mproc_pool_dispatch: they
 * are dropped. NULL is allowed.
 *
 * Returns: 0; MPROC_E_DEADLOCK from one of its callbacks, or its own task in a thread; MPROC_E_WRONG_PROCESS.
 * Blocks: until the workers have ended, of threads with the tasks that they run, and the callbacks have returned.
 * Threads: nobody else using the pool. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_free(mproc_pool *pool);

/* ---- Handles with tasks ---- */

/* Files, pipes, sockets and whatever else the system has handles for go to a task by name: they stand in its options,
 * and the task takes them by mproc_task_take_handle. So a parent accepts connections, and its workers serve them:
 *
 *     mproc_os_handle client = accept(listener, NULL, NULL);
 *     mproc_task_options options = { .handles = &client, .handle_count = 1, .handle_mode = MPROC_HANDLE_MOVE };
 *     mproc_pool_apply_async(pool, serve, MPROC_NO_ARGS, &options, NULL);
 *
 * The call duplicates them; with MPROC_HANDLE_MOVE the caller's are closed when it has succeeded, and if it fails
 * nothing has happened to them. The duplicates are closed when the task has ended, in whatever way, before its result
 * is ready; a task that is tried again has them again. (If the task runs when the pool is terminated, what its worker
 * was given goes with the worker.) Closing them must not take long: a socket that lingers (SO_LINGER) while it is
 * closed keeps the pool waiting.
 *
 * A task with handles goes to a worker that has nothing to do, and the worker gets nothing else before it has ended: so
 * as many are served at a time as there are workers, the others wait in order for the first worker that is free, and
 * none waits behind somebody who takes long. What was submitted after one that waits, waits with it.
 *
 * Handles go to workers through a socket that each shares with its parent (POSIX), a descriptor for each worker, or out
 * of the parent's own table (Windows; of sockets, those whose provider is the system's own). In a program that may make
 * no sockets the task fails with MPROC_E_NOT_SUPPORTED, if too many descriptors of the user's are under way between his
 * processes with MPROC_E_LIMIT. A task that is saved (crash.h) is saved without them.
 */

/** What a task may ask for: a single one, each item of a map, starmap or imap, or, as the members say, the whole. */
typedef struct mproc_task_options {
    int retries;             /**< how often to try again after the worker died, at most 65534, else
                                MPROC_E_INVALID; failures of the task itself are final */
    int priority;            /**< of those that wait, tasks of a higher one are handed to workers first, those of the
                                same in order; -31 to 31, else MPROC_E_INVALID. What a worker was given already, at most
                                128 short tasks, stays there. Of a map it is that of all its items */
    mproc_done_fn *on_done;  /**< called after success; after failure too if on_error is NULL. Of a map or starmap once,
                                for the whole; an imap, whose outcomes come from mproc_iter_next, takes none */
    mproc_done_fn *on_error; /**< called after failure */
    void *user;              /**< handed to both */
    int64_t timeout_ms;      /**< hard time limit of this task, instead of the pool's, see pool.h; 0: the pool's;
                                MPROC_FOREVER: none */
    int64_t soft_timeout_ms; /**< soft time limit, likewise */
    const mproc_os_handle *handles; /**< of a single task (mproc_pool_apply, _async): handles of the operating system
                                        that it may take, see above; MPROC_E_INVALID for a map, a starmap, an imap */
    size_t handle_count;            /**< how many; at most MPROC_TASK_HANDLES_MAX, else MPROC_E_LIMIT */
    mproc_handle_mode handle_mode;  /**< of all of them: MPROC_HANDLE_DUP, they stay the caller's; MPROC_HANDLE_MOVE,
                                        they are closed when the call has succeeded */
    int64_t chunk_size; /**< of mproc_pool_map alone: items handed to a worker at a time, as far as they fit 16 KiB;
                                0: chosen from the measured time per item, or one if they have a time limit; negative:
                                error */
    size_t max_ahead;   /**< of an imap alone: how many items may be taken from the source ahead of the consumer;
                                0: 64 x workers; above 16777216: MPROC_E_LIMIT */
} mproc_task_options;

MPROC_API int mproc_pool_apply_(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                const mproc_task_options *options, size_t options_size, void *ret_value,
                                size_t capacity, size_t *ret_size);

/** Runs a function in a worker and waits for its value.
 *
 * ret_value, capacity, ret_size: as mproc_result_get: without ret_size the value must have exactly capacity bytes, else
 *     the call is MPROC_E_SIZE, though the task has run. NULL and 0 if the value is not wanted.
 * Returns: as mproc_pool_apply_async and mproc_result_get.
 * Blocks: until the task has ended. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.2. Source: Pool.apply.
 */
static inline int mproc_pool_apply(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                   const mproc_task_options *options, void *ret_value, size_t capacity,
                                   size_t *ret_size)
{
    return mproc_pool_apply_(pool, function, args, options, sizeof *options, ret_value, capacity, ret_size);
}

MPROC_API int mproc_pool_apply_async_(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                      const mproc_task_options *options, size_t options_size,
                                      mproc_result **ret_result);

/** Submits a function; returns at once.
 *
 * With max_queued in the pool's options it waits while so many tasks are queued. Items of starmap, map_results and
 * imap count as well, a map as one, but their calls do not wait. What workers have been given ahead of time, at most
 * 128 tasks each, is not counted.
 *
 * args: the bytes are copied; mproc_pool_apply_message spares that.
 * options: NULL for the defaults.
 * ret_result: NULL for fire and forget.
 * Returns: 0; MPROC_E_CLOSED; MPROC_E_TERMINATED; if the pool is broken, what broke it: MPROC_E_BROKEN for too many
 *     deaths, for a replacement MPROC_E_INIT_FAILED, MPROC_E_TIMEOUT, MPROC_E_NO_FUNCTION or MPROC_E_MISMATCH;
 *     MPROC_E_NO_FUNCTION for a pointer outside any module (the task fails with it if its worker has no such library: a
 *     forked worker has what was open when the pool was made, a spawned one loads what it lacks), but not of threads;
 *     MPROC_E_INVALID, also for a soft time limit that is not below the hard one, be they the task's or the pool's, and
 *     for a handle that is not open, or is to be moved twice; MPROC_E_NOT_SUPPORTED for a hard time limit of a thread;
 *     MPROC_E_NO_MEMORY; MPROC_E_LIMIT for an argument above 1 GiB, too many retries or handles; MPROC_E_OS if there is
 *     no thread for callbacks, or no room for a duplicate of a handle; MPROC_E_WRONG_PROCESS.
 * Blocks: only while max_queued tasks are waiting; never otherwise. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.apply_async.
 */
static inline int mproc_pool_apply_async(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                         const mproc_task_options *options, mproc_result **ret_result)
{
    return mproc_pool_apply_async_(pool, function, args, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_try_apply_async_(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                          const mproc_task_options *options, size_t options_size,
                                          mproc_result **ret_result);

/** Like mproc_pool_apply_async, but never waits.
 *
 * Returns: also MPROC_E_FULL when max_queued tasks are waiting.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
static inline int mproc_pool_try_apply_async(mproc_pool *pool, mproc_task_fn *function, mproc_view args,
                                             const mproc_task_options *options, mproc_result **ret_result)
{
    return mproc_pool_try_apply_async_(pool, function, args, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_apply_message_(mproc_pool *pool, mproc_task_fn *function, mproc_message message,
                                        const mproc_task_options *options, size_t options_size,
                                        mproc_result **ret_result);

/** Like mproc_pool_apply_async, with an argument that was built in place (mproc_message_create), taken from a queue or
 * a connection, or the value of another task (mproc_result_take): it is not copied, and the task reads it where it
 * lies.
 *
 * message: is in the caller's hands no longer if this succeeds; after an error it still is. It goes when its task has
 *     ended.
 * Returns: as mproc_pool_apply_async; MPROC_E_STALE for a message that was freed or handed on before, and for a large
 *     one whose thread has ended; MPROC_E_WRONG_PROCESS also for a message of another process.
 * Blocks: as mproc_pool_apply_async. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
static inline int mproc_pool_apply_message(mproc_pool *pool, mproc_task_fn *function, mproc_message message,
                                           const mproc_task_options *options, mproc_result **ret_result)
{
    return mproc_pool_apply_message_(pool, function, message, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_map_(mproc_pool *pool, mproc_item_fn *kernel, const void *in, size_t in_size, size_t count,
                              void *out, size_t out_size, const mproc_task_options *options, size_t options_size);

/** Runs a kernel over an array and waits: out[i] = kernel(in[i]).
 *
 * in, in_size, count: count items of in_size bytes, 1 to 32 KiB (32768).
 * out, out_size: room for as many results of up to 32 KiB; an item that failed leaves its place as it was. in and out
 *     may be the same array if the sizes are equal. out may be NULL if out_size is 0.
 * options: NULL for the defaults.
 * Returns: 0; the code of the first failed item by index, its message in mproc_last_error(); and as
 *     mproc_pool_map_async.
 * Blocks: until all items are done. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.1. Source: Pool.map.
 */
static inline int mproc_pool_map(mproc_pool *pool, mproc_item_fn *kernel, const void *in, size_t in_size, size_t count,
                                 void *out, size_t out_size, const mproc_task_options *options)
{
    return mproc_pool_map_(pool, kernel, in, in_size, count, out, out_size, options, sizeof *options);
}

MPROC_API int mproc_pool_map_async_(mproc_pool *pool, mproc_item_fn *kernel, const void *in, size_t in_size,
                                    size_t count, void *out, size_t out_size, const mproc_task_options *options,
                                    size_t options_size, mproc_result **ret_result);

/** Starts a map. All items run, whatever fails; mproc_result_get_item tells about each.
 *
 * An empty map is ready at once, and its callback runs.
 *
 * in, out: both must stay valid, and the caller leaves them alone, until the result is ready.
 * ret_result: NULL for fire and forget.
 * Returns: as mproc_pool_apply_async; MPROC_E_LIMIT for an item above 32 KiB; MPROC_E_INVALID for items of 0 bytes.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.map_async.
 */
static inline int mproc_pool_map_async(mproc_pool *pool, mproc_item_fn *kernel, const void *in, size_t in_size,
                                       size_t count, void *out, size_t out_size, const mproc_task_options *options,
                                       mproc_result **ret_result)
{
    return mproc_pool_map_async_(pool, kernel, in, in_size, count, out, out_size, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_map_results_(mproc_pool *pool, mproc_task_fn *function, const void *in, size_t in_size,
                                      size_t count, const mproc_task_options *options, size_t options_size,
                                      mproc_result **ret_result);

/** Runs a function over an array, one task per item, and waits; each result has its own size and is read with
 * mproc_result_get_item.
 *
 * in: copied item by item; an item has 1 byte to 1 GiB.
 * ret_result: not NULL here.
 * Returns: 0 when all are done, whatever their codes, with a result to be freed; and as mproc_pool_map_results_async.
 *     The code of the first failed item by index is that of mproc_result_get.
 * Blocks: until all items are done. Threads: any, callbacks too. Fork: the creator only.
 * Since: 0.1. Source: Pool.map.
 */
static inline int mproc_pool_map_results(mproc_pool *pool, mproc_task_fn *function, const void *in, size_t in_size,
                                         size_t count, const mproc_task_options *options, mproc_result **ret_result)
{
    return mproc_pool_map_results_(pool, function, in, in_size, count, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_map_results_async_(mproc_pool *pool, mproc_task_fn *function, const void *in, size_t in_size,
                                            size_t count, const mproc_task_options *options, size_t options_size,
                                            mproc_result **ret_result);

/** Starts a map_results.
 *
 * in: copied item by item before this returns.
 * ret_result: NULL for fire and forget.
 * Returns: as mproc_pool_apply_async; MPROC_E_INVALID for items of 0 bytes.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.map_async.
 */
static inline int mproc_pool_map_results_async(mproc_pool *pool, mproc_task_fn *function, const void *in,
                                               size_t in_size, size_t count, const mproc_task_options *options,
                                               mproc_result **ret_result)
{
    return mproc_pool_map_results_async_(pool, function, in, in_size, count, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_starmap_(mproc_pool *pool, mproc_task_fn *function, const mproc_view *args, size_t count,
                                  const mproc_task_options *options, size_t options_size, mproc_result **ret_result);

/** Runs a function once per argument list, each of its own size, and waits.
 *
 * Returns, blocks, threads, fork: as mproc_pool_map_results.
 * Since: 0.1. Source: Pool.starmap.
 */
static inline int mproc_pool_starmap(mproc_pool *pool, mproc_task_fn *function, const mproc_view *args, size_t count,
                                     const mproc_task_options *options, mproc_result **ret_result)
{
    return mproc_pool_starmap_(pool, function, args, count, options, sizeof *options, ret_result);
}

MPROC_API int mproc_pool_starmap_async_(mproc_pool *pool, mproc_task_fn *function, const mproc_view *args, size_t count,
                                        const mproc_task_options *options, size_t options_size,
                                        mproc_result **ret_result);

/** Starts a starmap.
 *
 * args: copied, and what they point to, before this returns.
 * ret_result: NULL for fire and forget.
 * Returns: as mproc_pool_apply_async.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.starmap_async.
 */
static inline int mproc_pool_starmap_async(mproc_pool *pool, mproc_task_fn *function, const mproc_view *args,
                                           size_t count, const mproc_task_options *options, mproc_result **ret_result)
{
    return mproc_pool_starmap_async_(pool, function, args, count, options, sizeof *options, ret_result);
}

/** Supplies the input of an imap, one item a call. Runs in mproc_iter_next, in the thread that called it.
 *
 * ret_args: what to pass to the function. The bytes are copied when this returns.
 * Returns: 1 with an item; 0 at the end; a negative number if the input failed: then an outcome of the code
 *     MPROC_E_SOURCE stands in the place of the item, with the number in its message, and iteration ends after it.
 */
typedef int mproc_source_fn(void *user, mproc_view *ret_args);

/** Results as they are consumed. */
typedef struct mproc_iter mproc_iter;

MPROC_API int mproc_pool_imap_(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source, void *user,
                               const mproc_task_options *options, size_t options_size, mproc_iter **ret_iter);

/** Runs a function over lazily supplied input; outcomes come in input order. The source is called from mproc_iter_next
 * only, never further ahead than max_ahead, so input without end runs in constant memory. Nothing runs before the
 * first call of mproc_iter_next.
 *
 * options: NULL for the defaults.
 * Returns: 0 with an iterator to be freed; and as mproc_pool_apply_async; MPROC_E_INVALID for callbacks.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Pool.imap.
 */
static inline int mproc_pool_imap(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source, void *user,
                                  const mproc_task_options *options, mproc_iter **ret_iter)
{
    return mproc_pool_imap_(pool, function, source, user, options, sizeof *options, ret_iter);
}

MPROC_API int mproc_pool_imap_unordered_(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source, void *user,
                                         const mproc_task_options *options, size_t options_size, mproc_iter **ret_iter);

/** The same in order of completion.
 *
 * Returns, blocks, threads, fork: as mproc_pool_imap.
 * Since: 0.1. Source: Pool.imap_unordered.
 */
static inline int mproc_pool_imap_unordered(mproc_pool *pool, mproc_task_fn *function, mproc_source_fn *source,
                                            void *user, const mproc_task_options *options, mproc_iter **ret_iter)
{
    return mproc_pool_imap_unordered_(pool, function, source, user, options, sizeof *options, ret_iter);
}

MPROC_API int mproc_iter_next_(mproc_iter *iter, int64_t timeout_ms, mproc_outcome *ret_outcome, size_t outcome_size);

/** The next outcome. A failed item occupies its place with its code; iteration goes on.
 *
 * While there is room in the buffer and no outcome to hand out, and once after handing one out, this calls the source,
 * whatever the time-out.
 *
 * After mproc_pool_close what was submitted still comes, then one outcome of the code MPROC_E_CLOSED in the place of
 * the item that was not taken any more, then the end. After mproc_pool_terminate, or when the pool breaks, every item
 * under way comes with the code that mproc_pool_apply_async then has, one more in the place of the item that was not
 * taken, then the end. An item that cannot be submitted for another reason, MPROC_E_NO_MEMORY for instance, ends the
 * iteration in the same way.
 *
 * ret_outcome: valid until the next call or free; item is the index in input order. Where the iteration ended early,
 *     and for MPROC_E_SOURCE, worker is -1 and attempt 0.
 * Returns: 1 with an outcome; 0 at the end; MPROC_E_TIMEOUT, which loses nothing; MPROC_E_INVALID for NULL;
 *     MPROC_E_WRONG_PROCESS.
 * Blocks: until the time-out, and as the source does.
 * Threads: one at a time, callbacks too. Fork: the creator only.
 * Since: 0.2. Source: IMapIterator.next.
 */
static inline int mproc_iter_next(mproc_iter *iter, int64_t timeout_ms, mproc_outcome *ret_outcome)
{
    return mproc_iter_next_(iter, timeout_ms, ret_outcome, sizeof *ret_outcome);
}

/** Frees the iterator; items that have not started are cancelled, those that run go on unseen. NULL is allowed.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: nobody else using it. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_iter_free(mproc_iter *iter);

/** A handle that is ready while callbacks are waiting, for the program's event loop (a file descriptor on POSIX, to be
 * polled for reading; a HANDLE on Windows) or mproc_wait_any. From this call on, callbacks run in mproc_pool_dispatch
 * and nowhere else. Owned by the pool; neither read it nor close it.
 *
 * Returns: 0, also if repeated; MPROC_E_STATE once the pool has a callback thread, which it gets with the first
 *     callback that it is given; MPROC_E_OS; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_get_callback_handle(mproc_pool *pool, mproc_os_handle *ret_handle);

/** Runs the callbacks that are waiting, in the calling thread, and those that come to wait meanwhile.
 *
 * Returns: for how many results; MPROC_E_STATE without mproc_pool_get_callback_handle; MPROC_E_WRONG_PROCESS.
 * Blocks: as the callbacks do. Threads: one at a time. Fork: the creator only.
 * Since: 0.1
 */
MPROC_API int mproc_pool_dispatch(mproc_pool *pool);

/* The calls above record the text of their function argument and the place of the call, for mproc_outcome: a
 * macro of the same name sets it for the next submission of this thread. The macros evaluate their arguments once.
 * MPROC_NO_CALL_SITES, defined before the header, leaves them out; the address of a function is had by its name in
 * parentheses or without an argument list in any case.
 *
 * What is recorded is the call as it is written. A function of the program's that hands tasks on, as in
 * mproc_pool_apply(pool, fn, ...), so has its own line and the name of its parameter in every outcome. With the name in
 * parentheses, (mproc_pool_apply)(pool, fn, ...), it has none, and mproc_outcome.function is the symbol of what fn
 * points to; if the helper is a macro, the line and the name are those of its caller. */

/** Records the call site of the calling thread's next submission. The macros below do this.
 *
 * site: "FUNCTION-TEXT\0FILE:LINE", static; what follows a comma in FUNCTION-TEXT is ignored.
 * Returns: pool, unchanged.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2
 */
MPROC_API mproc_pool *mproc_at_site_(const char *site, mproc_pool *pool);

#ifndef MPROC_NO_CALL_SITES
#define MPROC_TEXT_(x)              #x
#define MPROC_TEXT_OF_(x)           MPROC_TEXT_(x)
#define MPROC_SITE_(...)            #__VA_ARGS__ "\0" __FILE__ ":" MPROC_TEXT_OF_(__LINE__)
#define mproc_pool_apply(pool, ...) mproc_pool_apply(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_apply_async(pool, ...)                                                                              \
    mproc_pool_apply_async(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_try_apply_async(pool, ...)                                                                          \
    mproc_pool_try_apply_async(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_apply_message(pool, ...)                                                                            \
    mproc_pool_apply_message(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map(pool, ...) mproc_pool_map(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map_async(pool, ...)                                                                                \
    mproc_pool_map_async(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map_results(pool, ...)                                                                              \
    mproc_pool_map_results(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_map_results_async(pool, ...)                                                                        \
    mproc_pool_map_results_async(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_starmap(pool, ...) mproc_pool_starmap(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_starmap_async(pool, ...)                                                                            \
    mproc_pool_starmap_async(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_imap(pool, ...) mproc_pool_imap(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#define mproc_pool_imap_unordered(pool, ...)                                                                           \
    mproc_pool_imap_unordered(mproc_at_site_(MPROC_SITE_(__VA_ARGS__), pool), __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
