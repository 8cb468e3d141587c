/* The consumers' end of a queue, for those who empty it.
 */
#ifndef MPROC_CHANNEL_QUEUE_GET_H
#define MPROC_CHANNEL_QUEUE_GET_H

#include "channel/queue_call.h"

/** With the get word: drops everything that is in the queue. Errors: as mproc__span_address; the rest is still there.
 */
int mproc__queue_drop(struct queue_call *call);

#endif
