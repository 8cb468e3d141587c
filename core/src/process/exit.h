/* The end of a process of the family. */
#ifndef MPROC_PROCESS_EXIT_H
#define MPROC_PROCESS_EXIT_H

/** Makes sure that exit() in this process ends the family's business: handlers, daemons, joins. Repeatable.
 * Errors: MPROC_E_NO_MEMORY. */
int mproc__exit_arm(void);

/** In a child, before it has other threads: none of its parent's handlers are its own. */
void mproc__exit_adopt(void);

/** Flushes all of stdio as far as its streams let it. */
void mproc__exit_flush(void);

#endif
