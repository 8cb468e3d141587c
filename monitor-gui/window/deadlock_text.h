/* A deadlock in words: who waits for whom, as a report to be copied and as the circle that is drawn. */
#ifndef MPROC_WINDOW_DEADLOCK_TEXT_H
#define MPROC_WINDOW_DEADLOCK_TEXT_H

#include "model/words.h"
#include "window/desk.h"
#include <glib.h>

/** A longer circle is told of, not drawn. */
#define CIRCLE_MAX 4

/** One of the circle: a thread, then what it waits for, then who holds that, and so on. */
struct circle_node {
    bool is_thread;
    char title[96], note[96];
};

/** Returns how many nodes there are, two for each thread; 0 if the circle is too long to be drawn. */
size_t deadlock_nodes(const struct view *view, const struct deadlock *deadlock,
                      struct circle_node ret_nodes[2 * CIRCLE_MAX]);

/** All of it as lines: for how long, each step, the end, what to do; for g_free. */
char *deadlock_report(const struct view *view, const struct deadlock *deadlock);

#endif
