/* Queues, for mproc_wait_any. See queue_layout.h for what a queue is.
 */
#ifndef MPROC_CHANNEL_QUEUE_H
#define MPROC_CHANNEL_QUEUE_H

#include <stdint.h>

/** Looks at the queue with the handle id for mproc_wait_any: 1 if a get would not wait, 0 if it would, or an error.
 * Before it looks it sees to it, by mproc__activity_watch, that a change will be told. */
int mproc__queue_look(const uint64_t id[2]);

#endif
