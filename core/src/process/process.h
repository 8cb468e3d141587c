/* Processes: starting them, being one, ending.
 *
 * Lives here: what a program has set for its processes (settings), who this process is (self) and which threads of it
 * are ours (threads); the segment of a child, the boot in it and the handshake over it; starting a child (launch) and
 * being one (enter, lifeline); process objects and the children behind them; the running task; the end of a process
 * (exit, flush).
 *
 * May use: base, family, and of memory the spans in which tasks build values.
 *
 * Must not know: shared objects, and what a child of another floor does. Which role is run by whom, and which floors
 * begin anew in a child, is told to enter.c by the entry, core/src/init.c.
 */
#ifndef MPROC_PROCESS_PROCESS_H
#define MPROC_PROCESS_PROCESS_H

#include <mproc/process.h>

/** In a child, before it has other threads: the object that it was started from is the one of itself. */
void mproc__process_adopt(void);

#endif
