/* What a child has of its parent's stdio: of the output that was buffered nothing, lest it be written a second time;
 * and of the input nothing, unless it is to.
 */
#ifndef MPROC_UNIX_CHILD_STDIO_H
#define MPROC_UNIX_CHILD_STDIO_H

/** Looks up what platform__stdio_drop_output needs; in the parent, because a forked child of a process with threads
 * should not call the dynamic linker. */
void platform__stdio_setup(void);

/** Before a fork, where the C library has no list of streams: looks whether other threads could have one locked. */
void platform__stdio_before_fork(void);

/** In a forked child: forgets the output that streams hold, without writing it. What was read ahead stays. */
void platform__stdio_drop_output(void);

/** Opens something that is at its end when it is read, close-on-exec. Returns -1 with errno set. */
int platform__stdio_open_empty(void);

/** In a forked child: standard input is empty from here on, and what stdin had read ahead is forgotten. empty: what
 * platform__stdio_open_empty has returned, or -1, to have it opened; should nothing be left to open, it is closed. */
void platform__stdio_empty_input(int empty);

#endif
