/* Which threads of this process are the library's own. */
#ifndef MPROC_PROCESS_THREADS_H
#define MPROC_PROCESS_THREADS_H

#include <stdbool.h>

/** Whether this process has threads beyond the caller and ours. */
bool mproc__threads_others(void);

/** The port's watcher runs now, or the lifeline's thread. */
void mproc__threads_watcher_started(void);
void mproc__threads_lifeline_started(void);

/** The thread that serves those who watch this process runs, or has ended. */
void mproc__threads_publisher_runs(bool runs);
/** The same of the thread that finds out for it where code lies. */
void mproc__threads_places_runs(bool runs);

/** In a child, before it has other threads: none of the parent's is here. */
void mproc__threads_adopt(void);

/** Once per process: a line in the log, before a fork, if it could copy a lock that another thread holds. */
void mproc__threads_warn_of_fork(void);

#endif
