/* Crashes: what a worker that died leaves behind, and how its task is run once more.
 *
 * Two options of a pool ask for it; nothing of it costs a task anything.
 *
 * With crash_reports a worker that dies of a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS; on Windows an
 * exception that nobody handles, or abort) leaves its stack, an overflow of the stack included. The death itself stays
 * what it was, signal, exit code and core file. mproc_outcome.stack is then a line per frame, innermost first,
 *
 *     parse_atom+0x4a (crash_parser), sum_parser.c:33
 *
 * a function and how far in it, the module, and, where the module has debug information and addr2line is installed
 * (which Windows does not need), the line. Without a symbol the function is "?" and the number one that addr2line
 * takes. Of a recursion one round is told, so that equal faults have equal texts, whatever the input; of a very long
 * stack only the innermost and the outermost frames. What a record says is not more reliable than the process that
 * wrote it. If there is none the text is one line that begins with "no stack: ": after kill -9, after exit, if the
 * kernel could not call a handler (on POSIX: the stack of another thread than the task's overflowed), or if the program
 * has a handler of its own for that signal, set before or in a task or initializer, which wins. Sanitizers have such
 * handlers. A task's own threads are told of too. Who watches the pool is also told which address was tried in vain.
 *
 * A worker that dies in its initializer has no task to tell of it: the error of mproc_pool_create names the innermost
 * frames in one line, ", in load_table+0x1c (parser), table.c:80, called by ...". In a pool that is there already they
 * stand in the reason for which it is broken, if it comes to that, and the whole stack in the outcomes of the tasks
 * that end with MPROC_E_BROKEN. Exit handlers, and an exit hook, run when a worker has no task any more: what they die
 * of, and their stack, is told to those who watch the pool, and to nobody else. An object's process has its stack in
 * mproc_process_get_stack whatever of the program's it dies in, exit handlers too. A preload function of the fork
 * server leaves none, nor does what runs before the child's part of mproc_init, constructors for instance.
 *
 * The first look at an outcome with a stack may take some milliseconds, and up to 2 seconds for each module if
 * addr2line hangs; so may a mproc_pool_create that fails with one.
 *
 * With crash_directory the function and the argument of every task that failed with MPROC_E_WORKER_DIED are saved to a
 * file there, unless the pool itself killed the worker; a worker's initializer with its argument as well.
 * mproc_outcome.saved_task is its path. Handles that went with the task are not in it. Only its owner can read it.
 * Nobody removes it but you.
 */
#ifndef MPROC_CRASH_H
#define MPROC_CRASH_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Runs a saved task once more, in this process and thread: first the initializer that its worker had, then the task.
 * Whatever killed the worker happens here, under the eyes of a debugger. Must be called by the same build of the
 * program, after mproc_init. What the task returns beside its code is dropped.
 *
 * A saved task names a function and what it is given: run only files that you would run as programs.
 *
 * path: UTF-8.
 * ret_code: what the task returned; of a negative one mproc_last_error is the message.
 * Returns: 0 if the task has returned; MPROC_E_MISMATCH if another build, or another version of mproc, has saved it;
 *     MPROC_E_NO_FUNCTION if its function is of a module that is not loaded; MPROC_E_INVALID if the file is no saved
 *     task, or damaged; MPROC_E_INIT_FAILED; MPROC_E_OS if it cannot be read; MPROC_E_NO_MEMORY;
 *     MPROC_E_NOT_INITIALIZED.
 * Blocks: as the task does. Threads: any. Fork: safe.
 * Since: 0.2
 */
MPROC_API int mproc_replay(const char *path, int *ret_code);

/** The same for a program's main, as in
 *
 *     mproc_init(argc, argv);
 *     if (argc > 2 && strcmp(argv[1], "--replay") == 0)
 *         return mproc_replay_main(argc, argv);
 *
 * so that "gdb --args PROGRAM --replay FILE" stops where the worker died.
 *
 * argc, argv: as main got them; the last argument is the file. NULL is as none.
 * Returns: an exit code: 0; 1 if the task failed, after a line on stdout; 2 if it could not be run, after one on stderr
 *     that says why.
 * Blocks: as the task does. Threads: any. Fork: safe.
 * Since: 0.2
 */
MPROC_API int mproc_replay_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
