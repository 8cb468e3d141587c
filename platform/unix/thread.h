/* Threads of the port's own.
 */
#ifndef MPROC_UNIX_THREAD_H
#define MPROC_UNIX_THREAD_H

#include "platform.h"

/** Starts a thread that nobody will join. name: a string that lives as long as the program. */
int platform__thread_start_detached(void (*function)(void *), void *argument, const char *name);

/** Whether the calling thread was started by the port, and so has its signals blocked for no reason of the user's. */
bool platform__thread_is_ours(void);

/** How many threads of the port's are running. */
int platform__thread_count_ours(void);

/** In a forked child: its only thread is the program's now, whoever started the one that forked. */
void platform__thread_after_fork(void);

#endif
