/* The fork server: a third way to start processes, beside fork and spawn. POSIX only.
 *
 * Under MPROC_START_FORKSERVER a child is not forked from the program, however large that has become and whatever its
 * threads hold at that moment, but from a small process of one thread: the fork server. The first child that is started
 * so starts the server, as spawn starts a process, by executing the program anew (or what mproc_set_executable names);
 * in mproc_init it becomes the server, runs the preload function, if there is one, and from then on forks a child
 * whenever it is asked to, for processes and pools alike.
 *
 * So a child starts about as fast as under fork, and has what it has under spawn: no memory of the parent's, no handle
 * that it was not given; beside that what the preload function has made, and the environment, working directory,
 * standard streams and limits that the server has, which are those of the program when its first child was started.
 * Signals are ignored or handled as in the server; the mask is that of the thread that starts the child, and so is the
 * process group of a child with inherit_stdin. A library that the parent has opened since is loaded in the child when a
 * function of its is to run.
 *
 * Each process has a server of its own, and children of a child get theirs from the child's. It is a child of its
 * process (a program that waits for all of its children waits for it, too), and ends with it, at the latest when that
 * is dead. Killed or stopped, it is replaced when the next child is started; the children it had live on. Of one that
 * dies while there is no server the system says how it ended, on Linux since 6.15, or the exit code is
 * MPROC_EXIT_UNKNOWN.
 */
#ifndef MPROC_FORKSERVER_H
#define MPROC_FORKSERVER_H

#include <mproc/base.h>
#include <mproc/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What becomes of a start whose fork server's preload function has returned a negative number. */
typedef enum mproc_preload_error {
    MPROC_PRELOAD_FAIL = 0,  /**< it fails with MPROC_E_INIT_FAILED and the function's message */
    MPROC_PRELOAD_WARN = 1,  /**< the log says so at MPROC_LOG_WARNING, and children are started all the same */
    MPROC_PRELOAD_IGNORE = 2 /**< they are, and nothing is said */
} mproc_preload_error;

typedef struct mproc_forkserver_options {
    mproc_view args;    /**< the preload function's argument; copied */
    int64_t on_error;   /**< a mproc_preload_error */
    int64_t timeout_ms; /**< how long the server may take until it serves, its preload function included; 0: 30 s */
} mproc_forkserver_options;

MPROC_API int mproc_set_forkserver_preload_(mproc_task_fn *preload, const mproc_forkserver_options *options,
                                            size_t options_size);

/** Says what the fork server of this process does before it serves: load libraries, read tables, whatever all children
 * are to find done. The function runs once in each server, as the function of a process does, but that it can start no
 * processes. Its argument, the addresses of mproc's objects and the threads it starts are not there in the children;
 * its exit handlers never run. What it leaves in stdio is flushed; if it leaves threads as well, that of stdout and
 * stderr alone.
 *
 * A server that runs is let go of: the next child to be started starts another one, and those that there are live on.
 * A start that has to start the server waits until the function has returned, and so do others meanwhile.
 *
 * preload: NULL for none.
 * Returns: 0; MPROC_E_NOT_SUPPORTED where there is no fork; MPROC_E_INVALID for options that make no sense;
 *     MPROC_E_NO_MEMORY; MPROC_E_WRONG_PROCESS in a copy made by the program's own fork. What goes wrong in the server
 *     is the error of the start: see mproc_preload_error; MPROC_E_TIMEOUT; MPROC_E_NO_FUNCTION; MPROC_E_START_FAILED
 *     with how it died.
 * Blocks: while another thread starts a child by the server, and until one that runs and has no children is gone, for
 *     2 s at most. Threads: any. Fork: children inherit it under fork only.
 * Since: 0.2. Source: multiprocessing.set_forkserver_preload.
 */
static inline int mproc_set_forkserver_preload(mproc_task_fn *preload, const mproc_forkserver_options *options)
{
    return mproc_set_forkserver_preload_(preload, options, sizeof *options);
}

#ifdef __cplusplus
}
#endif
#endif
