/* What takes long to free. A million tasks, all over the memory, keep whoever frees them waiting for a tenth of a
 * second: that is no work for the main loop.
 */
#ifndef MPROC_WINDOW_DISCARD_H
#define MPROC_WINDOW_DISCARD_H

#include <glib.h>

/** Fewer tasks than that are freed in less time than it takes to begin with it elsewhere. */
#define DISCARD_TASKS 10000u

/** Calls destroy with the data on a thread, some time. Nobody else may know of the data any more, or destroy must be
 * for any thread. NULL is nothing. At the end of the process what has not been freed by then is left. */
void discard(gpointer data, GDestroyNotify destroy);

#endif
