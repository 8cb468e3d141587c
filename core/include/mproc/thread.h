/* Threads that are used like processes: one function in one thread of this process, with the calls of process.h.
 *
 *     mproc_thread *thread;
 *     mproc_thread_create(&thread, &(mproc_thread_options){ .function = work, .args = MPROC_ARG(job) });
 *     mproc_thread_start(thread);
 *     mproc_thread_join(thread, MPROC_FOREVER);
 *     mproc_thread_free(thread);
 *
 * The function is that of a process, and gets a copy of its argument as a process does; so it may run as the one or the
 * other. Locks, queues, pipes and all else that processes share serve threads as well: an owner is a thread. Its memory
 * is the program's, pointers mean the same in it, and a crash in it is a crash of the program.
 *
 * A thread cannot be ended from outside: mproc_thread_terminate and mproc_thread_kill say so. Let it wait for an event,
 * or the end of a queue, that tells it to return. One that nobody joins is joined when the process ends, unless it is a
 * daemon.
 */
#ifndef MPROC_THREAD_H
#define MPROC_THREAD_H

#include <mproc/base.h>
#include <mproc/process.h>
#include <mproc/task.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mproc_thread mproc_thread;

typedef struct mproc_thread_options {
    mproc_task_fn *function; /**< what to run; its return value is the exit code */
    mproc_view args;         /**< copied by create */
    bool daemon;             /**< not joined when this process ends, but stopped with it wherever it is */
    const char *name;        /**< copied, cut at 63 bytes, for debuggers at 15; NULL: "Thread-1" and so on */
} mproc_thread_options;

MPROC_API int mproc_thread_create_(mproc_thread **ret_thread, const mproc_thread_options *options, size_t options_size);

/** Makes a thread object. No thread exists yet.
 *
 * Returns: 0; MPROC_E_NOT_INITIALIZED; MPROC_E_INVALID without a function; MPROC_E_NO_MEMORY; MPROC_E_OS;
 *     MPROC_E_WRONG_PROCESS in a copy made by the program's own fork.
 * Blocks: never. Threads: any. Fork: the object belongs to the calling process.
 * Since: 0.2. Source: multiprocessing.dummy.Process.
 */
static inline int mproc_thread_create(mproc_thread **ret_thread, const mproc_thread_options *options)
{
    return mproc_thread_create_(ret_thread, options, sizeof *options);
}

/** Starts the thread. It has the system's usual stack for threads and the signal mask of the caller.
 *
 * Returns: 0; MPROC_E_STATE if it was started before; MPROC_E_OS, MPROC_E_NO_MEMORY: then it may be started again;
 *     MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: multiprocessing.dummy.Process.start.
 */
MPROC_API int mproc_thread_start(mproc_thread *thread);

/** Waits for the thread to end. After a success its exit code is known, and locks it held are those of a dead owner.
 *
 * Returns: 0 when it has ended; MPROC_E_TIMEOUT; MPROC_E_STATE before start; MPROC_E_DEADLOCK from within the thread
 *     itself; MPROC_E_WRONG_PROCESS.
 * Blocks: until the time-out. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: multiprocessing.dummy.Process.join.
 */
MPROC_API int mproc_thread_join(mproc_thread *thread, int64_t timeout_ms);

/** Whether the thread runs.
 *
 * Returns: the answer; false for MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: multiprocessing.dummy.Process.is_alive.
 */
MPROC_API bool mproc_thread_is_alive(mproc_thread *thread);

/** The exit code: MPROC_EXIT_RUNNING before the end (and before the start); then what the function returned, as it is;
 * MPROC_EXIT_UNKNOWN of a thread that ended itself (pthread_exit, ExitThread).
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: multiprocessing.dummy.Process.exitcode.
 */
MPROC_API int mproc_thread_get_exit_code(mproc_thread *thread, int64_t *ret_code);

/** The name.
 *
 * Returns: a string owned by the object, valid until the next mproc_thread_set_name or the end of the object.
 * Blocks: never. Threads: any, but not beside mproc_thread_set_name. Fork: safe.
 * Since: 0.2. Source: multiprocessing.dummy.Process.name.
 */
MPROC_API const char *mproc_thread_get_name(mproc_thread *thread);

/** Renames the object. For debuggers a thread, once started, keeps the name it started with.
 *
 * name: copied, cut at 63 bytes.
 * Returns: 0; MPROC_E_INVALID for NULL; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, but not beside mproc_thread_get_name. Fork: the creator only.
 * Since: 0.2. Source: multiprocessing.dummy.Process.name.
 */
MPROC_API int mproc_thread_set_name(mproc_thread *thread, const char *name);

/** Whether it is a daemon.
 *
 * Returns: the answer.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: multiprocessing.dummy.Process.daemon.
 */
MPROC_API bool mproc_thread_is_daemon(mproc_thread *thread);

/** Makes it a daemon, or not.
 *
 * Returns: 0; MPROC_E_STATE after start; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: multiprocessing.dummy.Process.daemon.
 */
MPROC_API int mproc_thread_set_daemon(mproc_thread *thread, bool daemon);

/** What mproc_process_terminate is for processes, and cannot be for threads.
 *
 * Returns: MPROC_E_NOT_SUPPORTED; MPROC_E_INVALID for NULL. The thread goes on.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2
 */
MPROC_API int mproc_thread_terminate(mproc_thread *thread);

/** The same for mproc_process_kill.
 *
 * Returns, blocks, threads, fork: as mproc_thread_terminate.
 * Since: 0.2
 */
MPROC_API int mproc_thread_kill(mproc_thread *thread);

/** The thread, which has been started, as something to wait for: it is ready when it has ended.
 *
 * Returns: the element of a list for mproc_wait_any.
 */
static inline mproc_waitable mproc_waitable_thread(mproc_thread *thread)
{
    return mproc_waitable_object_(MPROC_WAITABLE_THREAD, thread);
}

/** Frees the object. A running thread is not touched: it is joined when the process ends, unless it is a daemon. NULL
 * is allowed.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, nobody else using the object. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_thread_free(mproc_thread *thread);

/** The object of the calling thread. Owned by whoever made it, who may have freed it: then it is valid until the
 * thread's function returns.
 *
 * Returns: NULL in a thread that was not started by mproc_thread_start, such as the program's first.
 * Blocks: never. Threads: each has its own. Fork: NULL in a child.
 * Since: 0.2. Source: multiprocessing.dummy.current_process.
 */
MPROC_API mproc_thread *mproc_get_current_thread(void);

/** The started, living thread objects of this process, workers of pools not among them, nor those that were freed.
 *
 * ret_threads: room for capacity; as many as fit are written; borrowed. NULL if capacity is 0.
 * Returns: how many there are; MPROC_E_INVALID for NULL with a capacity.
 * Blocks: never. Threads: any. Fork: each process has its own.
 * Since: 0.2. Source: multiprocessing.dummy.active_children.
 */
MPROC_API int mproc_get_active_threads(mproc_thread **ret_threads, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
