/* Processes: one function in one process of its own.
 *
 * A process object belongs to the process that created it; only that one starts, joins and frees it.
 *
 *     mproc_process *process;
 *     mproc_process_create(&process, &(mproc_process_options){ .function = work, .args = MPROC_ARG(job) });
 *     mproc_process_start(process);
 *     mproc_process_join(process, MPROC_FOREVER);
 *     mproc_process_free(process);
 *
 * When the process that started it dies, however that happens, a child ends within a second. A child that
 * nobody asks about is reaped too. The exit status is taken from the kernel; if the program itself reaps
 * the library's children (waitpid(-1), SIGCHLD ignored), it is MPROC_EXIT_UNKNOWN, and nothing hangs.
 *
 * A child ends when its function returns: its mproc_at_exit handlers run, its own children are joined or, if they are
 * daemons, terminated, its stdio is flushed, and it is gone by _exit. A function that calls exit() itself ends with
 * that code, flushed as well, but in the way of the C library: under fork the atexit handlers that were copied from the
 * parent run too, except for the library's own.
 *
 * Standard input and the terminal. A child's standard input is empty, so that it takes nothing away from its parent's,
 * and is not stopped for reading from a terminal. It is in a process group of its own (Windows: a console process
 * group), under every start method: Ctrl-C reaches the parent alone, which decides. By default that is its death, and
 * its children end with it; a parent that handles the signal ends them as it likes, by mproc_process_interrupt for
 * instance. Ctrl-Z stops the parent alone, and a child that writes to a terminal set to `stty tostop` is stopped, as
 * any program in the background. A child with inherit_stdin is as the parent in all of this: it has its standard input
 * and is in its group. Under fork what the parent had read ahead is then in both.
 */
#ifndef MPROC_PROCESS_H
#define MPROC_PROCESS_H

#include <mproc/base.h>
#include <mproc/init.h>
#include <mproc/task.h>
#include <mproc/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mproc_process mproc_process;

/** Exit codes that are not the child's own. */
#define MPROC_EXIT_RUNNING INT64_MIN       /**< it has not ended */
#define MPROC_EXIT_UNKNOWN (INT64_MIN + 1) /**< it ended; the system would not say how */

typedef struct mproc_process_options {
    mproc_task_fn *function; /**< what to run; its return value is the exit code: see mproc_process_get_exit_code */
    mproc_view args;         /**< copied by create */
    const char *name;        /**< copied, cut at 63 bytes; NULL: "Process-1", "Process-1:2" by lineage */
    mproc_start_method start_method; /**< of this process only; the global default stays as it is */
    bool daemon;                     /**< terminated, not joined, when this process ends; may start no children */
    bool inherit_stdin;              /**< reads this process's standard input and stays in reach of its terminal, Ctrl-C
                                        included; see above. Else standard input is empty */
    const char *executable;          /**< spawn this program instead; copied; NULL: mproc_set_executable's. Under any
                                        other method it is MPROC_E_INVALID */
    int64_t start_timeout_ms;        /**< how long start waits for the child to say READY; 0: 30 s */
    int64_t crash_reports;           /**< not 0: it leaves its stack if it dies of a fault, see crash.h */
} mproc_process_options;

MPROC_API int mproc_process_create_(mproc_process **ret_process, const mproc_process_options *options,
                                    size_t options_size);

/** Makes a process object. No process exists yet.
 *
 * Returns: 0; MPROC_E_INVALID without a function, with a negative time limit, or with an executable under another
 *     method than spawn; MPROC_E_NO_MEMORY; MPROC_E_NOT_SUPPORTED for a start method this system lacks, or for
 *     crash_reports where stacks cannot be walked; MPROC_E_LIMIT for processes within processes so deep that their
 *     default name, which counts them, has no room; MPROC_E_OS.
 * Blocks: never. Threads: any. Fork: the object belongs to the calling process.
 * Since: 0.1. Source: multiprocessing.Process.
 */
static inline int mproc_process_create(mproc_process **ret_process, const mproc_process_options *options)
{
    return mproc_process_create_(ret_process, options, sizeof *options);
}

/** Starts the process and waits until it is ready to run its function.
 *
 * Under fork the child is a copy of the caller with the calling thread alone; doing so while other threads
 * run is logged once as a warning.
 *
 * Under forkserver the first start also starts the fork server and waits until its preload function has returned, for
 * which that has a time limit of its own: see forkserver.h.
 *
 * A child that cannot get the thread which watches its parent says so on stderr and ends with exit code 1, without
 * running its function.
 *
 * Returns: 0; MPROC_E_NOT_INITIALIZED; MPROC_E_STATE if it was started before, or if the caller is a daemon;
 *     MPROC_E_NO_FUNCTION; MPROC_E_MISMATCH; MPROC_E_START_FAILED with the child's reason; MPROC_E_INIT_FAILED with
 *     the preload function's; MPROC_E_TIMEOUT (the child, or the fork server, is killed); MPROC_E_OS; MPROC_E_LIMIT if
 *     the family has no room for one more process, or no memory; MPROC_E_NO_MEMORY; MPROC_E_WRONG_PROCESS. After a
 *     failure no process is left and the object may be started again.
 * Blocks: until the child is ready, at most the start time limit.
 * Threads: any, one at a time for one object. Fork: the creator only.
 * Since: 0.1. Source: Process.start.
 */
MPROC_API int mproc_process_start(mproc_process *process);

/** Waits for the process to end. After a success its exit code is known, and locks it held are those of a dead owner.
 *
 * timeout_ms: 0 or negative looks once.
 * Returns: 0 when it has ended; MPROC_E_TIMEOUT; MPROC_E_STATE before start; MPROC_E_DEADLOCK from within
 *     the process itself; MPROC_E_WRONG_PROCESS.
 * Blocks: until the time-out. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Process.join.
 */
MPROC_API int mproc_process_join(mproc_process *process, int64_t timeout_ms);

/** Whether the process runs.
 *
 * Returns: the answer; false for MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator, and the process itself for its own object.
 * Since: 0.2. Source: Process.is_alive.
 */
MPROC_API bool mproc_process_is_alive(mproc_process *process);

/** The exit code: MPROC_EXIT_RUNNING before the end (and before the start); MPROC_EXIT_UNKNOWN; else
 * - on POSIX 0..255, or -N if signal N killed it. Of what the function returned, or exit was given, the low eight bits
 *   remain: 256 is read as 0, -1 as 255, MPROC_E_SIZE as 226.
 * - on Windows 0..4294967295, or -15 after terminate and kill. What the function returned is read as an unsigned number
 *   of 32 bits: -1 as 4294967295. An exception code (0xC0000005) is itself. 0x10000 is the code that stands for -15.
 *
 * So a negative return value says that something failed, but not which number it was: return 1..127 if that matters.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: Process.exitcode.
 */
MPROC_API int mproc_process_get_exit_code(mproc_process *process, int64_t *ret_code);

/** The stack of a process that was created with crash_reports and has died of a fault: as mproc_outcome.stack, see
 * crash.h. "" without that option, and of a process that has ended with exit code 0.
 *
 * Returns: a text that is valid until the object is freed; NULL, and mproc_last_code says why, for MPROC_E_STATE if it
 *     has not been started or not ended, MPROC_E_WRONG_PROCESS, MPROC_E_INVALID.
 * Blocks: the first call for the time that names of functions take, see crash.h. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API const char *mproc_process_get_stack(mproc_process *process);

/** The process id.
 *
 * Returns: the id; 0 before start.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: Process.pid.
 */
MPROC_API int64_t mproc_process_get_pid(mproc_process *process);

/** The name.
 *
 * Returns: a string owned by the object, valid until the next mproc_process_set_name or the end of the object.
 * Blocks: never. Threads: any, but not beside mproc_process_set_name. Fork: safe.
 * Since: 0.2. Source: Process.name.
 */
MPROC_API const char *mproc_process_get_name(mproc_process *process);

/** Renames the object. The process, once started, keeps the name it started with.
 *
 * name: copied, cut at 63 bytes.
 * Returns: 0; MPROC_E_INVALID for NULL; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, but not beside mproc_process_get_name. Fork: the creator only, and the process itself
 * for its own object.
 * Since: 0.1. Source: Process.name.
 */
MPROC_API int mproc_process_set_name(mproc_process *process, const char *name);

/** Whether it is a daemon.
 *
 * Returns: the answer.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: Process.daemon.
 */
MPROC_API bool mproc_process_is_daemon(mproc_process *process);

/** Makes it a daemon, or not.
 *
 * Returns: 0; MPROC_E_STATE after start; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: Process.daemon.
 */
MPROC_API int mproc_process_set_daemon(mproc_process *process, bool daemon);

/** The authentication key: 32 random bytes per family unless set, inherited by children under every method,
 * never in an argument list or environment variable.
 *
 * Returns: 0 with a view owned by the object, valid until the next set or the end of the object; MPROC_E_WRONG_PROCESS
 *     for the parent's.
 * Blocks: never. Threads: any, but not beside mproc_process_set_authkey. Fork: safe.
 * Since: 0.2. Source: Process.authkey.
 */
MPROC_API int mproc_process_get_authkey(mproc_process *process, mproc_view *ret_key);

/** Sets the authentication key that the process will start with.
 *
 * key: copied; size 1 to 64 bytes.
 * Returns: 0; MPROC_E_INVALID for no bytes, MPROC_E_LIMIT for too many; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any, but not beside mproc_process_get_authkey. Fork: the creator only.
 * Since: 0.2. Source: Process.authkey.
 */
MPROC_API int mproc_process_set_authkey(mproc_process *process, const void *key, size_t size);

/** A handle that becomes ready when the process ends, for mproc_wait_any or the program's own event loop. Owned
 * by the object.
 *
 * Returns: 0; MPROC_E_STATE before start; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2. Source: Process.sentinel.
 */
MPROC_API int mproc_process_get_sentinel(mproc_process *process, mproc_os_handle *ret_handle);

/** Sends SIGINT.
 *
 * Returns: 0, also for a process that has ended; MPROC_E_NOT_SUPPORTED on Windows; MPROC_E_STATE before
 *     start; MPROC_E_WRONG_PROCESS; MPROC_E_OS.
 * Blocks: never; the effect is asynchronous. Threads: any. Fork: the creator only.
 * Since: 0.1. Source: Process.interrupt, CPython 3.14.
 */
MPROC_API int mproc_process_interrupt(mproc_process *process);

/** Sends SIGTERM; on Windows ends the process at once. Its own children are not reached directly: they end
 * with it by their lifeline. Join before reading the exit code.
 *
 * Returns, blocks, threads, fork: as mproc_process_interrupt, but supported everywhere.
 * Since: 0.1. Source: Process.terminate.
 */
MPROC_API int mproc_process_terminate(mproc_process *process);

/** Ends the process without giving it a say: SIGKILL, TerminateProcess.
 *
 * Returns, blocks, threads, fork: as mproc_process_terminate.
 * Since: 0.1. Source: Process.kill.
 */
MPROC_API int mproc_process_kill(mproc_process *process);

/** Ends the process and everything it started: on Windows its job object; on POSIX its descendants, found by
 * walking the process tree. A descendant that made itself a daemon is out of reach.
 *
 * Returns, blocks, threads, fork: as mproc_process_terminate.
 * Since: 0.1
 */
MPROC_API int mproc_process_kill_tree(mproc_process *process);

/** Frees the object. A running process is not touched: it is joined, or terminated if it is a daemon, when the program
 * ends. NULL is allowed.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS for an object that is another process's, or the library's, and stays.
 * Blocks: never. Threads: any, nobody else using the object. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_process_free(mproc_process *process);

/** The object of the process that calls: name, daemon, pid and authkey can be asked of it, name and authkey set; it
 * is alive and has no exit code. Starting it or making it a daemon is MPROC_E_STATE, joining it
 * MPROC_E_DEADLOCK, anything else MPROC_E_WRONG_PROCESS. Owned by the library; never free it. Under fork the object
 * that a child was started from means the same in the child.
 *
 * Returns: never NULL.
 * Blocks: never. Threads: any. Fork: each process has its own.
 * Since: 0.2. Source: multiprocessing.current_process.
 */
MPROC_API mproc_process *mproc_get_current_process(void);

/** The object of the process that started this one: name and pid can be asked, is_alive, and join waits for
 * its end. It is no daemon, for those have no children. Anything else is MPROC_E_WRONG_PROCESS, or MPROC_E_STATE for
 * starting it. Owned by the library.
 *
 * Returns: NULL in the first process.
 * Blocks: never. Threads: any. Fork: each process has its own.
 * Since: 0.2. Source: multiprocessing.parent_process.
 */
MPROC_API mproc_process *mproc_get_parent_process(void);

/** The started, living process objects of this process, workers of pools not among them.
 *
 * ret_processes: room for capacity; as many as fit are written; borrowed. NULL if capacity is 0.
 * Returns: how many there are; MPROC_E_INVALID for NULL with a capacity.
 * Blocks: never. Threads: any. Fork: each process has its own.
 * Since: 0.2. Source: multiprocessing.active_children.
 */
MPROC_API int mproc_get_active_children(mproc_process **ret_processes, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
