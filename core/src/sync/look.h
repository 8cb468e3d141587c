/* What onlookers see of the objects of this folder: who holds one, and how many permits it has left, or how many have
 * come. Each of these is an object_look: see block_look.h. */
#ifndef MPROC_SYNC_LOOK_H
#define MPROC_SYNC_LOOK_H

#include "memory/block_look.h"

object_look mproc__lock_look_on;
object_look mproc__rlock_look_on;           /**< depth: how often its holder has taken it */
object_look mproc__semaphore_look_on;       /**< depth: permits left, limit: of a bounded one */
object_look mproc__semaphore_owned_look_on; /**< the same; a holder if there is but one permit */
object_look mproc__condition_look_on;       /**< the holder of a lock of its own */
object_look mproc__event_look_on;           /**< depth: whether it is set */
object_look mproc__barrier_look_on;         /**< depth: who has come, limit: the parties */

#endif
