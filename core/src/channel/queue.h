/* Queues, for whoever waits for several things at once. See queue_layout.h for what a queue is.
 */
#ifndef MPROC_CHANNEL_QUEUE_H
#define MPROC_CHANNEL_QUEUE_H

#include "channel/channel.h"

/** Ready to be got from. */
channel_look mproc__queue_look;

#endif
