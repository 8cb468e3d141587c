/* The list of a queue's peers. */
#include "channel/queue_peers.h"
#include "channel/queue_call.h"
#include "channel/queue_intent.h"
#include "channel/queue_layout.h"
#include "family/family_layout.h"
#include "family/process_slot.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/span.h"

/* Acquire: pairs with the release in mproc__queue_peers_make; the list is the queue's, and zero where nobody wrote. */
int mproc__queue_peers(struct queue *queue, struct queue_peer **ret_peers)
{
    void *address = NULL;
    uint64_t span = atomic_load_explicit(&queue->peers, memory_order_acquire);
    int code = span != 0 ? mproc__span_address(span, &address) : 0;
    if (code != 0)
        return code;
    *ret_peers = address;
    return 0;
}

int mproc__queue_peers_make(struct queue_call *call)
{
    struct queue *queue = call->queue;
    if (atomic_load_explicit(&queue->peers, memory_order_relaxed) != 0)
        return 0;
    uint64_t span, self = mproc__span_owner_self();
    int code = mproc__span_create(FAMILY_PROCESSES * sizeof(struct queue_peer), self, &span);
    if (code < 0)
        return code;
    /* The tail will not be there: this intent is told to have happened by the span itself. */
    uint64_t tail = atomic_load_explicit(&queue->put.position, memory_order_relaxed);
    mproc__queue_intend(&queue->put, ~tail, span);
    mproc__span_give(span, self, mproc__queue_owner(call));
    atomic_store_explicit(&queue->peers, span, memory_order_release);
    mproc__queue_intent_done(&queue->put);
    return 0;
}

int mproc__queue_peer_of(struct queue *queue, uint32_t process, struct queue_peer **ret_peer)
{
    struct queue_peer *peers = NULL;
    int code = process != 0 ? mproc__queue_peers(queue, &peers) : 0;
    if (code != 0)
        return code;
    struct queue_peer *peer = peers != NULL ? &peers[process & PROCESS_INDEX_MASK] : NULL;
    /* Acquire: pairs with the release in take_over; the debt is that of this process. */
    if (peer != NULL && word_upper(atomic_load_explicit(&peer->who, memory_order_acquire)) != process)
        peer = NULL;
    *ret_peer = peer;
    return 0;
}

/* ---- Entries ---- */

static void bound_raise(struct queue *queue, uint32_t bound)
{
    uint32_t known = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    /* Release: pairs with the acquire of those who go through the entries. With the get word, so nobody else does this.
     */
    if (known < bound)
        atomic_store_explicit(&queue->peer_bound, bound, memory_order_release);
}

/* The debt is in `lost` now. Nothing is left, and nothing that the next get may take for its own. */
static void clear_debt(struct queue *queue, struct queue_peer *peer)
{
    uint64_t head = atomic_load_explicit(&queue->get.position, memory_order_relaxed);
    /* Release: after the store of `lost`, which is what whoever takes over after our death relies on. */
    atomic_store_explicit(&peer->debt, word_pair(0, position_count(head)), memory_order_release);
}

/* With the get word: the entry of a dead process, or nobody's, becomes the caller's. [take over] */
static void take_over(struct queue *queue, struct queue_peer *peer)
{
    uint64_t who = atomic_load_explicit(&peer->who, memory_order_relaxed);
    uint32_t debt = word_upper(atomic_load_explicit(&peer->debt, memory_order_relaxed));
    uint32_t lost = word_upper(atomic_load_explicit(&queue->lost, memory_order_relaxed));
    if (who & MPROC_QUEUE_PRODUCER)
        atomic_fetch_or_explicit(&queue->state, QUEUE_PRODUCER_DIED, memory_order_relaxed);
    if (who & MPROC_QUEUE_CONSUMER)
        atomic_fetch_or_explicit(&queue->state, QUEUE_CONSUMER_DIED, memory_order_relaxed);
    if (debt > 0)
        atomic_store_explicit(&queue->lost, word_pair(lost + debt, word_upper(who)), memory_order_release);
    clear_debt(queue, peer);
    bound_raise(queue, (mproc__family.process & PROCESS_INDEX_MASK) + 1);
    atomic_store_explicit(&peer->who, word_pair(mproc__family.process, 0), memory_order_release);
}

int mproc__queue_finish_take_over(struct queue *queue)
{
    uint32_t last = (uint32_t)atomic_load_explicit(&queue->lost, memory_order_relaxed);
    struct queue_peer *peer;
    int code = mproc__queue_peer_of(queue, last, &peer);
    /* Added, and the entry is still that of the dead: who was to have it died before he had cleared it. */
    if (code == 0 && peer != NULL)
        clear_debt(queue, peer);
    return code;
}

int mproc__queue_peer_self(struct queue_call *call, struct queue_peer **ret_peer)
{
    void *address;
    uint64_t span = atomic_load_explicit(&call->queue->peers, memory_order_acquire);
    int code = mproc__span_address(span, &address);
    if (code < 0)
        return code;
    struct queue_peer *peer = (struct queue_peer *)address + (mproc__family.process & PROCESS_INDEX_MASK);
    if (word_upper(atomic_load_explicit(&peer->who, memory_order_relaxed)) != mproc__family.process)
        take_over(call->queue, peer);
    *ret_peer = peer;
    return 0;
}

void mproc__queue_owe(struct queue_peer *peer, uint32_t taken, uint32_t head_count)
{
    uint64_t debt = atomic_load_explicit(&peer->debt, memory_order_relaxed);
    /* Relaxed, like all that is done with the get word: its next owner acquires it. */
    if ((uint32_t)debt != head_count)
        atomic_store_explicit(&peer->debt, word_pair(word_upper(debt) + taken, head_count), memory_order_relaxed);
}

/* ---- Registered peers ---- */

int mproc__queue_peers_gone(struct queue *queue, unsigned role)
{
    struct queue_peer *peers;
    int code = mproc__queue_peers(queue, &peers);
    /* Freed: the queue was destroyed, as the caller finds out. */
    if (code != 0)
        return code == MPROC_E_STALE ? 0 : code;
    if (peers == NULL)
        return 0;
    uint32_t state = atomic_load_explicit(&queue->state, memory_order_relaxed);
    bool died = state & (role == MPROC_QUEUE_PRODUCER ? QUEUE_PRODUCER_DIED : QUEUE_CONSUMER_DIED);
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_acquire);
    for (uint32_t i = 0; i < bound; i++) {
        uint64_t who = atomic_load_explicit(&peers[i].who, memory_order_acquire);
        if (!(who & role))
            continue;
        if (mproc__process_slot_check(word_upper(who)))
            return 0;
        died = true;
    }
    return died;
}
