/* The streams of stdio at the end of a process. */
#ifndef MPROC_PROCESS_FLUSH_H
#define MPROC_PROCESS_FLUSH_H

/** Flushes all of stdio as far as its streams let it. */
void mproc__flush_stdio(void);

#endif
