/* One bound for what is kept of the tasks of all that is watched.
 *
 * What is looked at has room of its own; the others share the rest for what comes. What one of them has taken while it
 * was looked at it keeps until another one needs the room: then the one that has most gives up its oldest.
 */
#ifndef MPROC_WINDOW_ROOM_H
#define MPROC_WINDOW_ROOM_H

#include "window/watch.h"
#include <glib.h>

/** In bytes: for all together; of these, for what is looked at; and for each other one at most. */
struct room {
    size_t all, looked_at, aside;
};

/** What the window has. */
extern const struct room room_of_window;

/** To be called a few times a second: sees to it that all take no more than they may. watches: struct watch; seen: the
 * one that is looked at, or NULL. */
void room_share(const struct room *room, GPtrArray *watches, const struct watch *seen);

#endif
