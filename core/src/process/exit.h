/* The end of a process of the family. */
#ifndef MPROC_PROCESS_EXIT_H
#define MPROC_PROCESS_EXIT_H

/** What else is to end, in this order. */
enum exit_part { EXIT_THREADS, EXIT_CHILDREN, EXIT_FORKSERVER, EXIT_PARTS };

/** Makes sure that exit() in this process ends the family's business: handlers, and between them for each part its end,
 * which is to leave no thread or child behind. NULL for who has none; what another call has given stays then.
 * Repeatable. Errors: MPROC_E_NO_MEMORY. */
int mproc__exit_arm(enum exit_part part, void (*end)(void));

/** In a child, before it has other threads: none of its parent's handlers are its own. */
void mproc__exit_adopt(void);

/** Ends a child in good order: exit handlers by priority with its own children joined between those of priority 0
 * and above and those below, own stdio flushed, _exit. */
_Noreturn void mproc__child_exit(int code);

#endif
