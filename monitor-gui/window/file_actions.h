/* What the window does with files and programs: opens recordings, makes them, exports, starts what is to be watched. */
#ifndef MPROC_WINDOW_FILE_ACTIONS_H
#define MPROC_WINDOW_FILE_ACTIONS_H

#include "window/window.h"

/** Adds the actions open, start, again, close-watch, record, save and export; and says how they went. */
void file_actions_add(MonWindow *window);

/** Those can be asked for that make sense for the view. */
void file_actions_show(MonWindow *window, const struct view *view);

#endif
