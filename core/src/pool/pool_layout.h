/* What a pool shares with all of its workers, in the family segment: a FAMILY_POOL object. */
#ifndef MPROC_POOL_POOL_LAYOUT_H
#define MPROC_POOL_POOL_LAYOUT_H

#include "platform.h"
#include <stdalign.h>

#define POOL_MAX_WORKERS 1024

/* A bell: the word by which a pool's workers notify the parent. A thread of the user's that waits is notified in
 * preference to the supervisor; while it is awake nobody is. */
enum bell_state {
    BELL_OFF = 0,   /**< whom it belongs to is not waiting */
    BELL_NEEDS = 1, /**< notify when a worker cannot go on without the parent */
    BELL_ALL = 2,   /**< notify also at notify_at, and when a worker has run out of work */
    BELL_AWAKE = 3  /**< user bell only: a user thread is looking; notify nobody */
};

/** The FAMILY_POOL object. */
struct pool_shared {
    alignas(64) platform_word user_bell;
    platform_word supervisor_bell;
    alignas(64) _Atomic uint32_t spin_limit;
    /* Which workers spin, one bit a worker: a counter would leak when a spinner is killed. */
    _Atomic uint64_t spinners[POOL_MAX_WORKERS / 64];
};

_Static_assert(sizeof(struct pool_shared) == 256, "the bells, and the spinners beside them");

#endif
