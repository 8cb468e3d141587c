/* Which threads of this process are the library's own. */
#ifndef MPROC_PROCESS_THREADS_H
#define MPROC_PROCESS_THREADS_H

#include <stdbool.h>

/** Whether this process has threads beyond the caller and ours. */
bool mproc__threads_others(void);

/** The port's watcher has been started, the lifeline's thread has. */
void mproc__threads_watcher_started(void);
void mproc__threads_lifeline_started(void);

/** In a child, before it has other threads: none of the parent's were copied. */
void mproc__threads_adopt(void);

/** Once per process: a line in the log, before a fork, if it could copy a lock that another thread holds. */
void mproc__threads_warn_of_fork(void);

#endif
