/* Connections, for mproc_wait_any.
 */
#ifndef MPROC_CHANNEL_CONNECTION_H
#define MPROC_CHANNEL_CONNECTION_H

#include <stdint.h>

/** Looks at the connection with the handle id for mproc_wait_any: 1 if a receive would not wait, 0 if it would, or an
 * error. Before it looks it sees to it, by mproc__activity_watch, that a change will be told. */
int mproc__connection_look(const uint64_t id[2]);

#endif
