/* Watching: a program lets its user see what its pools are doing, while they do it.
 *
 * It is off until somebody asks for it: who starts the program, by MPROC_MONITOR=1 in its environment; the program, by
 * mproc_monitor_start; or one of its pools, by .monitor = 1 in its options. From then on programs of the same user on
 * the same machine, mproc-monitor for instance, find this process in a list, can connect to it, and are told of all
 * its pools but those with .monitor = -1, those made before or after.
 *
 * What is told: each pool's name, kind, size, limits and counts; each worker's state, pid, memory, CPU time and
 * current task; the times of each function, of pools that keep them (.statistics; .monitor = 1 implies it); how each
 * task and worker has ended, with the error or a death certificate; that tasks were queued and begun; up to 256 bytes
 * of arguments and values, as text, or as the pool's .describe function has it, unless the pool was made with
 * .monitor_no_previews; who holds and who waits for locks and queues that have a name; and lines that the library or
 * mproc_log writes, from MPROC_LOG_INFO on whatever the log's level is. docs/monitor-protocol.md has it all, byte by
 * byte. What is never told: arguments and values beyond their previews, the environment, the command line, memory of
 * any other kind.
 *
 * Who may look: the same user, on this machine. A socket in a directory that only the user can enter
 * ($XDG_RUNTIME_DIR, else a directory of his own below the one for temporary files), whose peer's user the system
 * vouches for; on Windows a pipe that is open to this user and the system alone. There is no port of a network. Who
 * looks can change something only in pools that were made with .monitor_control: pause, resume and resize them, end or
 * restart their workers, cancel their tasks, and have failed tasks tried again; each such deed is a line in the log.
 *
 * A failed task that is tried again is submitted once more: a new task with a number of its own, the same function,
 * argument, priority, limits and number of retries, at the end of the queue. Its result is nobody's, and no callback
 * is called: the result, code and message of the first one stay what the program has seen. For this a pool with
 * .monitor_control keeps what the last 64 failed tasks were called with, of up to 1 MiB of arguments, until its end.
 * It keeps no items of mproc_pool_map, no tasks that handles of the system went with, and none that were cancelled.
 *
 * What it costs: a thread of the library's, which sleeps without ever waking while nobody is connected, and a branch
 * per task. While somebody is, the pools note what happens, and the thread looks at them every 16 ms, puts it into
 * bytes once for all who look, and writes to each what he takes. Nobody who looks can make a pool wait: who is too
 * slow misses events, which are counted, by kind, and told; who takes nothing at all for 5 s is disconnected. What the
 * thread takes is among what is told.
 *
 * Which processes: MPROC_MONITOR=1 lets the first process of a family be watched, and not the processes and workers
 * that it starts: a pool's workers are told of by the process that made the pool. A worker that makes pools of its own
 * can ask for itself, by .monitor = 1 or mproc_monitor_start, and is a process of its own in the list then. A copy
 * that the program forks is not watched, whatever its parent is.
 *
 *     $ MPROC_MONITOR=1 ./program &
 *     $ mproc-monitor --text
 */
#ifndef MPROC_MONITOR_H
#define MPROC_MONITOR_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How this process is shown. */
typedef struct mproc_monitor_options {
    const char *name; /**< in the list, to tell several processes of one program apart; UTF-8, cut at 63 bytes; copied;
                         NULL or "": the name of the program's file */
} mproc_monitor_options;

MPROC_API int mproc_monitor_start_(const mproc_monitor_options *options, size_t options_size);

/** Lets this process be watched from now on, until mproc_monitor_stop or its end. If it is watched already because of
 * its environment or of a pool, it goes on under the name that is given here: whoever is connected has to connect once
 * more. Under MPROC_MONITOR=1 a failure is a line on stderr, and because of a pool one in the log; the program goes on.
 *
 * A program that has closed what this needs, as those do that close all descriptors, is watched no more, which is a
 * line in the log; after that it may be called again.
 *
 * options: NULL for the defaults.
 * Returns: 0; MPROC_E_STATE after another mproc_monitor_start, without mproc_monitor_stop between; if the directory in
 *     which processes are found, which the text names, is not this user's alone; or if the thread of an earlier start
 *     could not be ended, since the program had closed what it is woken by: then there is no other one in this process;
 *     MPROC_E_EXISTS if another copy of the library in this process, of a plug-in for instance, lets it be watched;
 *     MPROC_E_LIMIT if the directory's path is too long; MPROC_E_NO_MEMORY; MPROC_E_OS; MPROC_E_NOT_SUPPORTED, also for
 *     options of a later version; MPROC_E_WRONG_PROCESS in a copy made by the program's own fork.
 * Blocks: while another thread is in it or in mproc_monitor_stop; as that if it goes on under another name.
 *     Threads: any. Fork: children are not watched.
 * Since: 0.2
 */
static inline int mproc_monitor_start(const mproc_monitor_options *options)
{
    return mproc_monitor_start_(options, sizeof *options);
}

/** Ends it: the process is in no list any more, and who is connected is told the last figures and that it is over. At
 * the end of the process, after its last exit handler, this happens by itself. May be repeated.
 *
 * Returns: 0, also if it was not watched; MPROC_E_WRONG_PROCESS in a copy made by the program's own fork.
 * Blocks: until those who are connected have taken what there was for them, at most 0.1 s in all, after a look that is
 *     under way, of some milliseconds as a rule; up to 2 s more if addr2line, which finds the lines of who waits for a
 *     lock, hangs. After 3 s it goes without its thread. Threads: any. Fork: children have nothing to stop.
 * Since: 0.2
 */
MPROC_API int mproc_monitor_stop(void);

/** Whether somebody looks now: for programs that would prepare something for it that costs.
 *
 * Blocks: never. Threads: any. Fork: false in children.
 * Since: 0.2
 */
MPROC_API bool mproc_monitor_is_watched(void);

#ifdef __cplusplus
}
#endif
#endif
