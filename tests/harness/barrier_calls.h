/* Calls on barriers whose output is what a test wants to have. */
#ifndef MPROC_HARNESS_BARRIER_CALLS_H
#define MPROC_HARNESS_BARRIER_CALLS_H

#include "test.h"

/** The place in which the caller came, or an error. */
static inline int arrive(mproc_barrier barrier, int64_t timeout_ms)
{
    int place = -1, code = mproc_barrier_wait(barrier, timeout_ms, &place);
    return code == 0 ? place : code;
}

static inline int waiting_at(mproc_barrier barrier)
{
    int waiting = -1;
    CHECK_OK(mproc_barrier_get_waiting(barrier, &waiting));
    return waiting;
}

#endif
