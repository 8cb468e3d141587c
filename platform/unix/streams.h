/* Keeping what a parent had buffered in stdio from being written a second time by its forked child.
 */
#ifndef MPROC_UNIX_STREAMS_H
#define MPROC_UNIX_STREAMS_H

/** Looks up what platform__streams_drop_output needs; in the parent, because a forked child of a process with threads
 * should not call the dynamic linker. */
void platform__streams_setup(void);

/** Before a fork, where the C library has no list of streams: looks whether other threads could have one locked. */
void platform__streams_before_fork(void);

/** In a forked child: forgets the output that streams hold, without writing it. What was read ahead stays. */
void platform__streams_drop_output(void);

#endif
