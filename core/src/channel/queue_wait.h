/* Waiting at an end of a queue, and waking all who do.
 */
#ifndef MPROC_CHANNEL_QUEUE_WAIT_H
#define MPROC_CHANNEL_QUEUE_WAIT_H

#include "channel/queue_call.h"

/** A wait for items, room or done: begins with word and role set, and all else 0. */
struct queue_wait {
    platform_word *word;
    unsigned role; /**< whose deaths end the wait; 0: nobody's */
    bool gone;     /**< there are no peers in the role any more */
    int64_t slice;
    uint32_t seen, deaths;
    enum { QUEUE_WAIT_NEW, QUEUE_WAIT_SPUN, QUEUE_WAIT_READY, QUEUE_WAIT_SLEPT } stage;
};

/** Called when a look has found nothing: spins, prepares or sleeps, whatever is next. Returns 1: look again; 0: the
 * time is up; MPROC_E_PEER_DIED; MPROC_E_NO_MEMORY or MPROC_E_OS if the list of peers cannot be mapped. watched: a
 * position whose change ends a spin; snapshot: what the look found there. */
int mproc__queue_wait(struct queue_call *call, struct queue_wait *wait, const _Atomic uint64_t *watched,
                      uint64_t snapshot);

/** Has all look again who wait at the queue for whatever reason. */
void mproc__queue_notify_all(struct queue *queue);

#endif
