/* Entry into the library, start methods, and what one process of a family knows of itself.
 *
 * A process that mproc creates by spawn runs the program again from its start: mproc_init, as the first
 * line of main, is where such a process takes its real path. That is why a program that has not called
 * mproc_init is refused when it wants to create one.
 */
#ifndef MPROC_INIT_H
#define MPROC_INIT_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a new process comes to life. */
typedef enum mproc_start_method {
    MPROC_START_DEFAULT = 0,   /**< the program's global default */
    MPROC_START_FORK = 1,      /**< a copy of the caller (POSIX); the default there */
    MPROC_START_SPAWN = 2,     /**< the program started afresh; the only method of Windows */
    MPROC_START_FORKSERVER = 3 /**< a copy of a small process that was started afresh (POSIX): see forkserver.h */
} mproc_start_method;

/** Makes this program able to create processes. Call it as the first line of main, in the program's own file: where it
 * is called from tells which program this is.
 *
 * In a process that mproc spawned it runs that process's function and never returns: whatever the program does before
 * this line, it does in every spawned process too. In any other process it records that the program can be re-entered,
 * and returns. It installs no signal handler and changes nothing.
 *
 * A plug-in whose host owns main and knows nothing of mproc calls it itself, before its first process or pool. Under
 * fork nothing else is needed. Under spawn and forkserver it names the installed mproc-worker by mproc_set_executable,
 * for the host started afresh would run its main again.
 *
 * argc, argv: as main got them, or 0 and NULL. Not kept, not changed.
 * Returns: 0. Calling it again does nothing.
 * Blocks: never. Threads: call before starting any. Fork: call once, before any.
 * Since: 0.1
 */
MPROC_API int mproc_init(int argc, char **argv);

/** Makes this process the first of a family of its own, if it is a copy that the program's own fork has made.
 *
 * Such a copy is of no family: what its parent made with the library is the parent's, and every call is
 * MPROC_E_WRONG_PROCESS. After this call it is as the program was after mproc_init, with the settings that the parent
 * had made: it can make objects and start processes. What the parent made stays the parent's: handles of its objects
 * are MPROC_E_STALE or MPROC_E_FOREIGN, its processes, pools and messages MPROC_E_WRONG_PROCESS or MPROC_E_STALE, and
 * its exit handlers do not run here. A daemon calls it after its last fork:
 *
 *     mproc_init(argc, argv);
 *     if (fork() > 0) _exit(0);
 *     setsid();
 *     if (fork() > 0) _exit(0);
 *     mproc_begin_family();
 *
 * The copy has nothing to do with its parent any more, and does not end with it, nor does a copy of a child or of a
 * worker. In one that is no copy nothing happens, so that a program which may stay in the foreground calls it in any
 * case.
 *
 * Returns: 0; MPROC_E_NOT_INITIALIZED without mproc_init before the fork.
 * Blocks: never. Threads: the copy's only one, before it starts others. Fork: see above.
 * Since: 0.2
 */
MPROC_API int mproc_begin_family(void);

/** The number of CPUs that this process may use: its affinity mask, cut by the CPU quota of its cgroup
 * (rounded up) on Linux and of its job on Windows. At least 1.
 *
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: os.process_cpu_count.
 */
MPROC_API int mproc_get_cpu_count(void);

/** The start methods this system has, the system's default first.
 *
 * ret_methods: room for capacity methods; as many as fit are written. NULL if capacity is 0.
 * Returns: how many there are; MPROC_E_INVALID for NULL with a capacity.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.2. Source: multiprocessing.get_all_start_methods.
 */
MPROC_API int mproc_get_start_methods(mproc_start_method *ret_methods, size_t capacity);

/** The name of a start method: "fork", "spawn", "forkserver"; "default" or "unknown".
 *
 * Returns: a static string.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.1
 */
MPROC_API const char *mproc_start_method_name(mproc_start_method method);

/** The start method with this name, for command lines and settings: "fork", "spawn", "forkserver" or "default". Whether
 * this system has it shows when it is used.
 *
 * Returns: 0, or MPROC_E_INVALID for an unknown name or NULL.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.1
 */
MPROC_API int mproc_start_method_from_name(const char *name, mproc_start_method *ret_method);

/** The method that objects use whose options say MPROC_START_DEFAULT. Asking does not fix it, and neither
 * does an object that names its own method.
 *
 * Returns: never MPROC_START_DEFAULT.
 * Blocks: never. Threads: any. Fork: safe.
 * Since: 0.1. Source: multiprocessing.get_start_method(allow_none=True).
 */
MPROC_API mproc_start_method mproc_get_start_method(void);

/** Chooses the global default, once.
 *
 * force: changes a choice already made.
 * Returns: 0; MPROC_E_STATE if it was chosen before, unless forced; MPROC_E_NOT_SUPPORTED if this system
 *     lacks the method; MPROC_E_INVALID for an unknown value.
 * Blocks: never. Threads: any. Fork: children inherit it under every method.
 * Since: 0.2. Source: multiprocessing.set_start_method.
 */
MPROC_API int mproc_set_start_method(mproc_start_method method, bool force);

/** Sets the program that spawn starts instead of the running one, for all objects whose options name none, and that the
 * next fork server is.
 * A plug-in whose host owns main names the installed mproc-worker here, and calls mproc_init whenever it
 * likes: the worker loads the module that called it, and the one that a process's function lives in.
 * "pkg-config --variable=worker mproc" says where it is. Plug-in and worker use the shared library.
 *
 * path: copied; NULL returns to the running program.
 * Returns: 0, or MPROC_E_NO_MEMORY.
 * Blocks: never. Threads: any. Fork: children inherit it under fork only.
 * Since: 0.1. Source: multiprocessing.set_executable.
 */
MPROC_API int mproc_set_executable(const char *path);

/** A function to run when this process of the family ends: in a child after its function returned, in a worker after
 * its exit hook, and in every process at exit(). Not when it is killed or calls _exit.
 */
typedef void mproc_exit_fn(void *user);

/** Registers an exit handler for this process. Handlers run in descending priority, last registered first within one,
 * each once. A forked child starts with none of its parent's.
 *
 * The order of the end: handlers of priority 0 and above, which can tell children to stop; then the threads of
 * mproc_thread_start are joined, without a time limit, daemons excepted; then daemon processes are terminated
 * (killed, if that takes more than 5 s) and all other processes joined, without a time limit; then the fork server is
 * ended; then handlers below 0, which find no child left. Pools are not waited for: a program joins them itself, or
 * their workers die with it.
 *
 * Returns: 0; MPROC_E_INVALID for a NULL function; MPROC_E_NO_MEMORY; MPROC_E_WRONG_PROCESS in a copy made by the
 *     program's own fork, in which no handler would run.
 * Blocks: never. Threads: any. Fork: a child has its own list.
 * Since: 0.1. Source: multiprocessing.util.Finalize, atexit in children since CPython 3.14.
 */
MPROC_API int mproc_at_exit(mproc_exit_fn *function, void *user, int priority);

#ifdef __cplusplus
}
#endif
#endif
