/* What is taken from a joinable queue and not marked done, and who waits until all is. */
#include "base/base.h"
#include "base/deadline.h"
#include "channel/queue_call.h"
#include "channel/queue_get.h"
#include "channel/queue_layout.h"
#include "channel/queue_lock.h"
#include "channel/queue_peers.h"
#include "channel/queue_wait.h"
#include "family/process_slot.h"
#include "family/view.h"
#include "word/eventcount.h"

/* ---- Debts ---- */

/* Takes one off, if there is one. */
static bool settle(_Atomic uint64_t *debt)
{
    uint64_t seen = atomic_load_explicit(debt, memory_order_relaxed);
    if (word_upper(seen) == 0)
        return false;
    atomic_store_explicit(debt, seen - word_pair(1, 0), memory_order_relaxed);
    return true;
}

static bool settle_in(struct queue *queue, struct queue_peer *peers, bool of_the_dead)
{
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    for (uint32_t i = 0; i < bound; i++) {
        /* Of those who owe nothing the kernel is not asked. */
        if (word_upper(atomic_load_explicit(&peers[i].debt, memory_order_relaxed)) == 0)
            continue;
        uint32_t process = word_upper(atomic_load_explicit(&peers[i].who, memory_order_relaxed));
        if ((!of_the_dead || !mproc__process_slot_check(process)) && settle(&peers[i].debt))
            return true;
    }
    return false;
}

/* With the get word: own debts first, then those of the dead, then anybody's. */
static int settle_one(struct queue_call *call)
{
    struct queue *queue = call->queue;
    if (!queue->joinable)
        return mproc__queue_error(MPROC_E_STATE, call, ", which is not joinable");
    struct queue_peer *peers, *own;
    int code = mproc__queue_peers(queue, &peers);
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

/* ---- Joining ---- */

/* What is owed by the living and by the dead. */
static int add_up(struct queue *queue, uint64_t *ret_living, uint64_t *ret_dead)
{
    struct queue_peer *peers;
    int code = mproc__queue_peers(queue, &peers);
    if (code != 0)
        return code;
    uint32_t bound = atomic_load_explicit(&queue->peer_bound, memory_order_relaxed);
    *ret_living = 0;
    *ret_dead = word_upper(atomic_load_explicit(&queue->lost, memory_order_relaxed));
    for (uint32_t i = 0; peers != NULL && i < bound; i++) {
        uint32_t owed = word_upper(atomic_load_explicit(&peers[i].debt, memory_order_relaxed));
        if (owed == 0)
            continue;
        uint32_t process = word_upper(atomic_load_explicit(&peers[i].who, memory_order_acquire));
        *(mproc__process_slot_check(process) ? ret_living : ret_dead) += owed;
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
        return mproc__queue_error(MPROC_E_STATE, call, ", which is not joinable");
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
    family_called_from(RETURN_ADDRESS());
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
