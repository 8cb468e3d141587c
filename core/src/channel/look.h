/* What onlookers see of queues and pipes: how much is in them, how much may be, how much went through. Each is an
 * object_look: see block_look.h. */
#ifndef MPROC_CHANNEL_LOOK_H
#define MPROC_CHANNEL_LOOK_H

#include "memory/block_look.h"

object_look mproc__queue_look_on; /**< in messages; limit 0: none */
object_look mproc__pipe_look_on;  /**< in bytes, of both directions together */

#endif
