/* Waiting at an end of a queue, and waking all who do.
 */
#ifndef MPROC_CHANNEL_QUEUE_WAIT_H
#define MPROC_CHANNEL_QUEUE_WAIT_H

#include "channel/queue_call.h"
#include "channel/queue_layout.h"
#include "word/await.h"

/** A wait for items, room or done: made by queue_wait_for. */
struct queue_wait {
    struct await await;
    unsigned role; /**< whose deaths end the wait; 0: nobody's */
    bool gone;     /**< there are no peers in the role any more */
    bool begun;    /**< the next look finds a sleeper announced */
};

/* A wait for items or room sleeps longer each time, up to this. It is woken for all that happens; it looks by itself
 * only for the sake of deaths that nobody is left to report. */
#define QUEUE_SLICE_MAX_NS (16 * AWAIT_SLICE_NS)

/** The wait of a call for one of its queue's words; role: whose deaths end it, or 0. */
static inline struct queue_wait queue_wait_for(const struct queue_call *call, enum queue_word word, unsigned role)
{
    return (struct queue_wait){ .await = { .word = &call->queue->words[word],
                                           .on = call->owned.id[1],
                                           .deadline = call->deadline,
                                           .counts = true,
                                           .longest = QUEUE_SLICE_MAX_NS },
                                .role = role };
}

/** Called when a look has found nothing: spins, announces a sleeper or sleeps, whatever is
 * next. Returns 1: look again; 0: the time is up; MPROC_E_PEER_DIED; MPROC_E_NO_MEMORY or MPROC_E_OS if the list of
 * peers cannot be mapped. watched: a position whose change ends a spin; snapshot: what the look found there. */
int mproc__queue_wait(struct queue_call *call, struct queue_wait *wait, const _Atomic uint64_t *watched,
                      uint64_t snapshot);

/** Has all look again who wait at the queue for whatever reason. */
void mproc__queue_notify_all(struct queue *queue);

#endif
