/* Waiting for a mix of things: what each kind of object supplies. */
#ifndef MPROC_SRC_WAIT_H
#define MPROC_SRC_WAIT_H

#include <stdint.h>
/** Looks at the object with the handle id for mproc_wait_any: 1 if it is ready, 0 if not, or an error. Before it looks
 * it sees to it, by mproc__activity_watch, that a change will be told. */
typedef int wait_look(const uint64_t id[2]);

wait_look mproc__connection_look;
wait_look mproc__queue_look;

#endif
