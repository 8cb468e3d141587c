/* A call on one end of a queue: finding it, its errors, what it may count.
 */
#ifndef MPROC_CHANNEL_QUEUE_CALL_H
#define MPROC_CHANNEL_QUEUE_CALL_H

#include "channel/queue_layout.h"
#include "word/owned_word.h"
#include <mproc/queue.h>

struct queue_call {
    struct queue *queue;
    struct owned_word owned; /**< word is that of the end the call is about */
    int64_t deadline;
};

/** Finds the queue, and gives the calling thread a slot. Errors: MPROC_E_FOREIGN, MPROC_E_STALE, MPROC_E_LIMIT. */
int mproc__queue_enter(mproc_queue handle, enum queue_word end, int64_t deadline, struct queue_call *ret_call);

/** The error of a call on this queue. */
int mproc__queue_error(int code, const struct queue_call *call, const char *what);

/** Owner word of what belongs to the queue. */
uint64_t mproc__queue_owner(const struct queue_call *call);

/** The number of messages, exactly. */
uint32_t mproc__queue_count(struct queue *queue);

#endif
