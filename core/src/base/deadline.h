/* Deadlines: absolute inside, however the caller said it. */
#ifndef MPROC_BASE_DEADLINE_H
#define MPROC_BASE_DEADLINE_H

#include "platform.h"

/** The end of a time-out that begins now, on platform_now_ns. 0, which is long past, for a time-out that must not
 * block; INT64_MAX for one without limit, or one that ends after the clock does. */
static inline int64_t mproc__deadline(int64_t timeout_ms)
{
    if (timeout_ms <= 0)
        return 0;
    /* Whatever time it is: reading the clock takes as long as a call that does not wait. */
    if (timeout_ms >= INT64_MAX / 1000000)
        return INT64_MAX;
    int64_t now = platform_now_ns();
    return timeout_ms >= (INT64_MAX - now) / 1000000 ? INT64_MAX : now + timeout_ms * 1000000;
}

#endif
