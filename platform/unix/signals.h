/* Holding signals back while a child is made.
 *
 * Between a fork and the moment in which the child is set up, a handler of the program's would run in a process whose
 * descriptors, locks and threads are still the parent's. So all signals are blocked from before the fork; the child
 * gives its mask back itself when it is ready, and what came meanwhile is handled then.
 */
#ifndef MPROC_UNIX_SIGNALS_H
#define MPROC_UNIX_SIGNALS_H

#include <signal.h>

/** Blocks all signals in the calling thread. Leaves errno alone. ret_before: the mask until now, for release. */
void platform__signals_hold(sigset_t *ret_before);
void platform__signals_release(const sigset_t *before);

/** What a child is to have as its mask: the caller's, or none if the caller is a thread of the port's, whose mask is
 * not of the program's making: with it the child could not even be terminated. */
void platform__signals_for_child(const sigset_t *before, sigset_t *ret_mask);

#endif
