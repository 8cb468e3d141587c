/* Threads that are used like processes. */
#ifndef MPROC_PROCESS_THREAD_H
#define MPROC_PROCESS_THREAD_H

#include <mproc/thread.h>

/** For mproc_wait_any: 1 if it has ended, 0 if it runs, or an error. An end changes the activity word. */
int mproc__thread_look(mproc_thread *thread);

/** In a child, before it has other threads: it has none of its parent's. */
void mproc__thread_adopt(void);

#endif
