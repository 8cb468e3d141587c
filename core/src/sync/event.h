/* Events as elements of mproc_wait_any.
 */
#ifndef MPROC_SYNC_EVENT_H
#define MPROC_SYNC_EVENT_H

#include <stdint.h>

/** 1 if it is set, 0 if not, or the error; the event is watched from now on. */
int mproc__event_look(const uint64_t id[2]);

#endif
