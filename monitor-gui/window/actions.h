/* What the window does when it is asked to, by a button, a menu or a key: tables of actions, one per file that has
 * some.
 */
#ifndef MPROC_WINDOW_ACTIONS_H
#define MPROC_WINDOW_ACTIONS_H

#include "window/window.h"

struct action {
    const char *name, *parameter; /**< a type of GVariant, or NULL */
    void (*activate)(MonWindow *window, GVariant *parameter);
    bool is_of_any; /**< it is no sign that somebody reads what is looked at */
};

/** Adds them to the window, as win.NAME. actions: count of them, which stay. */
void actions_add(MonWindow *window, const struct action *actions, size_t count);

/** Whether one can be asked for now: its buttons and keys follow. */
void actions_enable(MonWindow *window, const char *name, bool is_enabled);

/** The view that is looked at. */
struct view actions_view(MonWindow *window);

#endif
