/* What a pool can be asked to do: each is asked for by an action, and its answer is shown. */
#ifndef MPROC_WINDOW_CONTROLS_H
#define MPROC_WINDOW_CONTROLS_H

#include "window/window.h"

/** Adds the actions pause, resize, restart-worker and kill-worker (i: its place), cancel-tasks and retry-tasks (at:
 * their numbers); and shows what becomes of them. */
void controls_add(MonWindow *window);

/** Those can be asked for that the view's pool allows. */
void controls_show(MonWindow *window, const struct view *view);

#endif
