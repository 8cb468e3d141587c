/* The end of a process of the family. */
#ifndef MPROC_PROCESS_EXIT_H
#define MPROC_PROCESS_EXIT_H

/** Makes sure that exit() in this process ends the family's business: handlers, and between them end_children, which is
 * to leave no child behind. NULL for who has no children; what another call has given stays then. Repeatable.
 * Errors: MPROC_E_NO_MEMORY. */
int mproc__exit_arm(void (*end_children)(void));

/** In a child, before it has other threads: none of its parent's handlers are its own. */
void mproc__exit_adopt(void);

/** Ends a child in good order: exit handlers by priority with its own children joined between those of priority 0
 * and above and those below, own stdio flushed, _exit. */
_Noreturn void mproc__child_exit(int code);

#endif
