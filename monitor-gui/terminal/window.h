/* The window: a program of its own, so that a server needs none of what it needs. */
#ifndef MPROC_MONITOR_WINDOW_H
#define MPROC_MONITOR_WINDOW_H

#include "terminal/options.h"

/** Shows it in a window, with the same command line, if that is wanted and there is a display, and waits for its end.
 * False if this program has to show it by itself; if the window's program alone was lacking it was said on stderr.
 * ret_status: of the window's program. */
bool window_show(const struct options *options, char **argv, int *ret_status);

#endif
