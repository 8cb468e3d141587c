/* Who puts and who takes: registered peers, and what each process has taken from a joinable queue and not marked done.
 *
 * The list has an entry for each process slot of the family, so that a process finds its own without looking. It is
 * written with the get word only: a queue can be destroyed at any moment by whoever gets its words, and its list be
 * somebody else's memory then. Who looks without the word does not believe what he sees until he has had the word
 * since.
 *
 * An entry passes to the next process in the slot: what the dead one owed is added to `lost` first, which keeps in mind
 * whose debt was the last, so that a death in between does not add it twice. */
#include "base/deadline.h"
#include "base/error.h"
#include "channel/queue.h"
#include "family/family_layout.h"
#include "family/process_slot.h"
#include "family/view.h"
#include "memory/memory.h"
#include "memory/span.h"
#include "word/eventcount.h"

#define ROLES (MPROC_PRODUCER | MPROC_CONSUMER)

static uint32_t upper(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static uint64_t both(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* The list; NULL if there is none. That it cannot be mapped is an error and not the same: who owes something stands in
 * it. Acquire: pairs with the release in mproc__queue_peers_make; the list is the queue's, and zero where nobody wrote.
 */
static int find_peers(struct queue *queue, struct queue_peer **ret_peers)
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
    int code = process != 0 ? find_peers(queue, &peers) : 0;
    if (code != 0)
        return code;
    struct queue_peer *peer = peers != NULL ? &peers[process & PROCESS_INDEX_MASK] : NULL;
    /* Acquire: pairs with the release in take_over; the debt is that of this process. */
    if (peer != NULL && upper(atomic_load_explicit(&peer->who, memory_order_acquire)) != process)
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
    atomic_store_explicit(&peer->debt, both(0, position_count(head)), memory_order_release);
}

/* With the get word: the entry of a dead process, or nobody's, becomes the caller's. [take over] */
static void take_over(struct queue *queue, struct queue_peer *peer)
{
    uint64_t who = atomic_load_explicit(&peer->who, memory_order_relaxed);
    uint32_t debt = upper(atomic_load_explicit(&peer->debt, memory_order_relaxed));
    uint32_t lost = upper(atomic_load_explicit(&queue->lost, memory_order_relaxed));
    if (who & MPROC_PRODUCER)
        atomic_fetch_or_explicit(&queue->state, QUEUE_PRODUCER_DIED, memory_order_relaxed);
    if (who & MPROC_CONSUMER)
        atomic_fetch_or_explicit(&queue->state, QUEUE_CONSUMER_DIED, memory_order_relaxed);
    if (debt > 0)
        atomic_store_explicit(&queue->lost, both(lost + debt, upper(who)), memory_order_release);
    clear_debt(queue, peer);
    bound_raise(queue, (mproc__family.process & PROCESS_INDEX_MASK) + 1);
    atomic_store_explicit(&peer->who, both(mproc__family.process, 0), memory_order_release);
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
    if (upper(atomic_load_explicit(&peer->who, memory_order_relaxed)) != mproc__family.process)
        take_over(call->queue, peer);
    *ret_peer = peer;
    return 0;
}

void mproc__queue_owe(struct queue_peer *peer, uint32_t taken, uint32_t head_count)
{
    uint64_t debt = atomic_load_explicit(&peer->debt, memory_order_relaxed);
    /* Relaxed, like all that is done with the get word: its next owner acquires it. */
    if ((uint32_t)debt != head_count)
        atomic_store_explicit(&peer->debt, both(upper(debt) + taken, head_count), memory_order_relaxed);
}

/* ---- Registered peers ----
 */

int mproc__queue_peers_gone(struct queue *queue, unsigned role)
{
    struct queue_peer *peers;
    int code = find_peers(queue, &peers);
    /* Freed: the queue was destroyed, as the caller finds out. */
    if (code != 0)
        return code == MPROC_E_STALE ? 0 : code;
    if (peers == NULL)
        return 0;
    uint32_t state = atomic_load_explicit(&queue->state, memory_order_relaxed);
    bool died = state & (role == MPROC_PRODUCER ? QUEUE_PRODUCER_DIED : QUEUE_CONSUMER_DIED);
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_acquire);
    for (uint32_t i = 0; i < bound; i++) {
        uint64_t who = atomic_load_explicit(&peers[i].who, memory_order_acquire);
        if (!(who & role))
            continue;
        if (mproc__process_check(upper(who)))
            return 0;
        died = true;
    }
    return died;
}

/* A new peer in the role: those who died in it before are forgotten. */
static void forget_dead(struct queue *queue, struct queue_peer *peers, unsigned role)
{
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    for (uint32_t i = 0; i < bound; i++) {
        uint64_t who = atomic_load_explicit(&peers[i].who, memory_order_relaxed);
        if ((who & role) && !mproc__process_check(upper(who)))
            atomic_fetch_and_explicit(&peers[i].who, ~(uint64_t)role, memory_order_relaxed);
    }
    uint32_t flags =
        (role & MPROC_PRODUCER ? QUEUE_PRODUCER_DIED : 0u) | (role & MPROC_CONSUMER ? QUEUE_CONSUMER_DIED : 0u);
    atomic_fetch_and_explicit(&queue->state, ~flags, memory_order_relaxed);
}

static int check_role(mproc_queue_role role)
{
    if (role == 0 || (role & ~ROLES))
        return mproc__error(MPROC_E_INVALID, "role %d; MPROC_PRODUCER, MPROC_CONSUMER, or both", (int)role);
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

int mproc_queue_attach(mproc_queue queue, mproc_queue_role role)
{
    struct queue_call call;
    struct queue_peer *peer;
    int code = check_role(role);
    if (code == 0)
        code = make_list(queue);
    if (code == 0)
        code = enter_get(queue, &call, &peer);
    if (code < 0)
        return code;
    struct queue_peer *peers = peer - (mproc__family.process & PROCESS_INDEX_MASK);
    /* First this, then the dead: whoever looks in between finds somebody alive. seq_cst for that order. */
    atomic_fetch_or(&peer->who, (uint64_t)role);
    forget_dead(call.queue, peers, role);
    queue_unlock(&call);
    return 0;
}

int mproc_queue_detach(mproc_queue handle, mproc_queue_role role)
{
    struct queue_call call;
    int code = check_role(role);
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
    uint64_t roles = peer ? atomic_load_explicit(&peer->who, memory_order_relaxed) & (uint64_t)role : 0;
    bool registered = roles == (uint64_t)role;
    if (registered)
        atomic_fetch_and_explicit(&peer->who, ~(uint64_t)role, memory_order_relaxed);
    queue_unlock(&call);
    if (!registered)
        return mproc__queue_error(MPROC_E_STATE, &call, ", with which this process is not registered so");
    /* Others may be waiting for a last one who died before. */
    mproc__queue_wake_all(call.queue);
    return 0;
}

/* ---- Debts ---- */

/* Takes one off, if there is one. */
static bool settle(_Atomic uint64_t *debt)
{
    uint64_t seen = atomic_load_explicit(debt, memory_order_relaxed);
    if (upper(seen) == 0)
        return false;
    atomic_store_explicit(debt, seen - both(1, 0), memory_order_relaxed);
    return true;
}

static bool settle_in(struct queue *queue, struct queue_peer *peers, bool of_the_dead)
{
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    for (uint32_t i = 0; i < bound; i++) {
        /* Of those who owe nothing the kernel is not asked. */
        if (upper(atomic_load_explicit(&peers[i].debt, memory_order_relaxed)) == 0)
            continue;
        uint32_t process = upper(atomic_load_explicit(&peers[i].who, memory_order_relaxed));
        if ((!of_the_dead || !mproc__process_check(process)) && settle(&peers[i].debt))
            return true;
    }
    return false;
}

/* With the get word: own debts first, then those of the dead, then anybody's. */
static int settle_one(struct queue_call *call)
{
    struct queue *queue = call->queue;
    if (!queue->joinable)
        return mproc__queue_error(MPROC_E_INVALID, call, ", which is not joinable");
    struct queue_peer *peers, *own;
    int code = find_peers(queue, &peers);
    if (code == 0)
        code = mproc__queue_peer_of(queue, mproc__family.process, &own);
    if (code != 0)
        return code;
    if ((own != NULL && settle(&own->debt)) || settle(&queue->lost) ||
        (peers != NULL && (settle_in(queue, peers, true) || settle_in(queue, peers, false))))
        return 0;
    return mproc__queue_error(MPROC_E_STATE, call, ", of which nothing was taken that is not done");
}

/* Wakes one who waits in join, if this may have been the last. If messages are left in the queue it was not. */
static void tell_join(struct queue *queue)
{
    /* Pairs with the fence in eventcount_prepare: either join sees that this is done, or we see join. */
    atomic_thread_fence(memory_order_seq_cst);
    if (mproc__queue_count(queue) == 0)
        eventcount_notify(&queue->words[QUEUE_DONE]);
}

int mproc_queue_task_done(mproc_queue queue)
{
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_GET, 0, &call);
    if (code == 0)
        code = queue_lock(&call);
    if (code < 0)
        return code;
    code = settle_one(&call);
    queue_unlock(&call);
    if (code == 0)
        tell_join(call.queue);
    return code;
}

/* What is owed by the living and by the dead. */
static int add_up(struct queue *queue, uint64_t *ret_living, uint64_t *ret_dead)
{
    struct queue_peer *peers;
    int code = find_peers(queue, &peers);
    if (code != 0)
        return code;
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    *ret_living = 0;
    *ret_dead = upper(atomic_load_explicit(&queue->lost, memory_order_relaxed));
    for (uint32_t i = 0; peers != NULL && i < bound; i++) {
        uint32_t owed = upper(atomic_load_explicit(&peers[i].debt, memory_order_relaxed));
        if (owed == 0)
            continue;
        uint32_t process = upper(atomic_load_explicit(&peers[i].who, memory_order_acquire));
        *(mproc__process_check(process) ? ret_living : ret_dead) += owed;
    }
    return 0;
}

enum { NOT_DONE = 100 };

/* With the get word, for a message must not be missed between its leaving the queue and its becoming a debt. */
static int look_inside(struct queue_call *call, size_t *ret_debt)
{
    struct queue *queue = call->queue;
    uint64_t living, dead;
    int code = 0;
    if (!queue->joinable)
        return mproc__queue_error(MPROC_E_INVALID, call, ", which is not joinable");
    /* Who shut it down may have died in the middle. */
    if (atomic_load_explicit(&queue->state, memory_order_relaxed) & QUEUE_DROPPED)
        code = mproc__queue_drop(call);
    if (code == 0)
        code = add_up(queue, &living, &dead);
    if (code != 0)
        return code;
    if (living > 0 || mproc__queue_count(queue) > 0)
        return NOT_DONE;
    if (ret_debt != NULL)
        *ret_debt = (size_t)dead;
    return dead > 0 ? MPROC_CONSUMER_DIED : 0;
}

static int look(struct queue_call *call, size_t *ret_debt)
{
    int code = queue_lock(call);
    if (code < 0)
        return code;
    code = look_inside(call, ret_debt);
    queue_unlock(call);
    return code;
}

int mproc_queue_join(mproc_queue queue, int64_t timeout_ms, size_t *ret_debt)
{
    struct queue_call call;
    int code = mproc__queue_enter(queue, QUEUE_GET, mproc__deadline(timeout_ms), &call);
    if (code < 0)
        return code;
    /* Work takes longer than a spin. */
    struct queue_wait wait = queue_wait_for(&call, QUEUE_DONE, 0);
    wait.await.spun = true;
    do
        code = look(&call, ret_debt);
    while (code == NOT_DONE && mproc__queue_wait(&call, &wait, NULL, 0) == 1);
    /* The wake may have been meant for more than us, whatever it was that ended the call. */
    if (wait.await.slept)
        tell_join(call.queue);
    if (code == NOT_DONE)
        return mproc__queue_error(MPROC_E_TIMEOUT, &call, ", of which not everything is done");
    return code;
}
