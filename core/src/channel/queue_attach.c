/* Who puts and who takes: processes that register. */
#include "base/error.h"
#include "channel/queue_call.h"
#include "channel/queue_layout.h"
#include "channel/queue_lock.h"
#include "channel/queue_peers.h"
#include "channel/queue_wait.h"
#include "family/family_layout.h"
#include "family/process_slot.h"
#include "family/view.h"

#define ROLES ((unsigned)(MPROC_QUEUE_PRODUCER | MPROC_QUEUE_CONSUMER))

/* A new peer in the roles: those who died in them before are forgotten. */
static void forget_dead(struct queue *queue, struct queue_peer *peers, unsigned roles)
{
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    for (uint32_t i = 0; i < bound; i++) {
        uint64_t who = atomic_load_explicit(&peers[i].who, memory_order_relaxed);
        if ((who & roles) && !mproc__process_slot_check(word_upper(who)))
            atomic_fetch_and_explicit(&peers[i].who, ~(uint64_t)roles, memory_order_relaxed);
    }
    uint32_t flags = (roles & MPROC_QUEUE_PRODUCER ? QUEUE_PRODUCER_DIED : 0u) |
                     (roles & MPROC_QUEUE_CONSUMER ? QUEUE_CONSUMER_DIED : 0u);
    atomic_fetch_and_explicit(&queue->state, ~flags, memory_order_relaxed);
}

static int check_roles(unsigned roles)
{
    if (roles == 0 || (roles & ~ROLES))
        return mproc__error(MPROC_E_INVALID, "roles %u; MPROC_QUEUE_PRODUCER, MPROC_QUEUE_CONSUMER, or both", roles);
    return 0;
}

static int make_list(mproc_queue handle)
{
    struct queue_call call;
    int code = mproc__queue_enter(handle, QUEUE_PUT, 0, &call);
    if (code == 0)
        code = queue_lock(&call);
    if (code < 0)
        return code;
    code = mproc__queue_peers_make(&call);
    queue_unlock(&call);
    return code;
}

static int enter_get(mproc_queue handle, struct queue_call *call, struct queue_peer **ret_peer)
{
    int code = mproc__queue_enter(handle, QUEUE_GET, 0, call);
    if (code == 0)
        code = queue_lock(call);
    if (code < 0)
        return code;
    code = mproc__queue_peer_self(call, ret_peer);
    if (code < 0)
        queue_unlock(call);
    return code;
}

int mproc_queue_attach(mproc_queue queue, unsigned roles)
{
    struct queue_call call;
    struct queue_peer *peer;
    int code = check_roles(roles);
    if (code == 0)
        code = make_list(queue);
    if (code == 0)
        code = enter_get(queue, &call, &peer);
    if (code < 0)
        return code;
    struct queue_peer *peers = peer - (mproc__family.process & PROCESS_INDEX_MASK);
    /* First this, then the dead: whoever looks in between finds somebody alive. seq_cst for that order. */
    atomic_fetch_or(&peer->who, roles);
    forget_dead(call.queue, peers, roles);
    queue_unlock(&call);
    return 0;
}

int mproc_queue_detach(mproc_queue handle, unsigned roles)
{
    struct queue_call call;
    int code = check_roles(roles);
    if (code == 0)
        code = mproc__queue_enter(handle, QUEUE_GET, 0, &call);
    if (code == 0)
        code = queue_lock(&call);
    if (code < 0)
        return code;
    struct queue_peer *peer;
    code = mproc__queue_peer_of(call.queue, mproc__family.process, &peer);
    if (code != 0) {
        queue_unlock(&call);
        return code;
    }
    bool registered = peer != NULL && (atomic_load_explicit(&peer->who, memory_order_relaxed) & roles) != 0;
    if (registered)
        atomic_fetch_and_explicit(&peer->who, ~(uint64_t)roles, memory_order_relaxed);
    queue_unlock(&call);
    /* Others may be waiting for a last one who died before. */
    if (registered)
        mproc__queue_notify_all(call.queue);
    return 0;
}
