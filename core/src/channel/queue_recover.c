/* What is left to do for a dead owner of an end's word: his intent says what he was at. */
#include "channel/queue_recover.h"
#include "channel/queue_call.h"
#include "channel/queue_intent.h"
#include "channel/queue_layout.h"
#include "channel/queue_peers.h"
#include "channel/queue_ring.h"
#include "memory/span.h"

void mproc__queue_recover_put(struct queue_call *call)
{
    struct queue *queue = call->queue;
    struct queue_intent *intent = &queue->put.intent;
    uint64_t tail = atomic_load_explicit(&queue->put.position, memory_order_relaxed);
    if (atomic_load_explicit(&intent->active, memory_order_relaxed)) {
        bool happened =
            tail == intent->after || atomic_load_explicit(&queue->peers, memory_order_relaxed) == intent->span;
        /* Not the queue's: it is the dead one's still, and an orphan. */
        if (!happened)
            mproc__span_free(intent->span, mproc__queue_owner(call));
        mproc__queue_intent_done(&queue->put);
    }
    queue->put.other = atomic_load_explicit(&queue->get.position, memory_order_acquire);
    mproc__queue_reclaim_rings(call, queue->put.other, tail);
}

/* What the intent says, if the head says that it has happened. */
static int finish_get(struct queue_call *call)
{
    const struct queue_intent *intent = &call->queue->get.intent;
    uint64_t owner = mproc__queue_owner(call);
    if (atomic_load_explicit(&call->queue->get.position, memory_order_relaxed) != intent->after)
        return 0;
    struct queue_peer *peer;
    int code = mproc__queue_peer_of(call->queue, intent->taker, &peer);
    if (code != 0)
        return code;
    if (peer != NULL)
        mproc__queue_owe(peer, intent->taken, position_count(intent->after));
    /* Still the queue's, though no message names it any more: it went with the dead. Only who owns this word may take a
     * message's span from the queue, so that what is_owner says stays true. */
    if (intent->span != 0 && mproc__span_is_owner(intent->span, owner))
        mproc__span_free(intent->span, owner);
    return 0;
}

int mproc__queue_recover_get(struct queue_call *call)
{
    struct queue *queue = call->queue;
    /* A machine of 32 bits stores it in two halves, and the death may have come between them. */
    queue->get.other = atomic_load_explicit(&queue->put.position, memory_order_acquire);
    int code = mproc__queue_finish_take_over(queue);
    if (code == 0 && atomic_load_explicit(&queue->get.intent.active, memory_order_relaxed))
        code = finish_get(call);
    if (code == 0)
        mproc__queue_intent_done(&queue->get);
    return code;
}
