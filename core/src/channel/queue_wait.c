/* Waiting at an end of a queue. */
#include "channel/queue_wait.h"
#include "channel/queue_call.h"
#include "channel/queue_layout.h"
#include "channel/queue_peers.h"
#include "family/activity.h"
#include "word/await.h"
#include "word/eventcount.h"
#include "word/spin.h"

static void spin(const _Atomic uint64_t *watched, uint64_t snapshot, int64_t deadline)
{
    struct spin spin = mproc__spin_begin(SPIN_SHARED, deadline);
    /* Relaxed: the caller's next look decides. */
    while (atomic_load_explicit(watched, memory_order_relaxed) == snapshot && spin_on(&spin))
        ;
}

/* Whether the other side has died out. The last of them may have put or taken something in his last moment, after our
 * look: so that is believed only after one more. */
static int check_peers(struct queue_call *call, struct queue_wait *wait)
{
    if (wait->gone)
        return MPROC_E_PEER_DIED;
    int gone = wait->role != 0 ? mproc__queue_peers_gone(call->queue, wait->role) : 0;
    wait->gone = gone == 1;
    return gone;
}

/* Said here and not when the wait is made, which every call does. */
static enum thread_wait waits_for(const struct queue *queue, const platform_word *word)
{
    return word == &queue->words[QUEUE_ITEMS]  ? THREAD_GETS
           : word == &queue->words[QUEUE_ROOM] ? THREAD_PUTS
                                               : THREAD_WAITS;
}

int mproc__queue_wait(struct queue_call *call, struct queue_wait *wait, const _Atomic uint64_t *watched,
                      uint64_t snapshot)
{
    if (call->deadline == 0)
        return check_peers(call, wait);
    /* Nobody is told of a sleeper before there is to be one: that costs a fence, and whoever comes a wake. */
    if (!wait->await.spun) {
        spin(watched, snapshot, call->deadline);
        wait->await.spun = true;
        return 1;
    }
    int code = wait->begun ? check_peers(call, wait) : 0;
    if (code < 0)
        return code;
    if (wait->begun && code == 0 && !mproc__await_pause(&wait->await))
        return 0;
    wait->begun = true;
    wait->await.what = waits_for(call->queue, wait->await.word);
    mproc__await_begin(&wait->await);
    return 1;
}

/* Whether or not the bit is set: it tells of sleepers whom the next notice is to wake, and while one is on his way the
 * others sleep without it. */
static void wake_word(platform_word *word)
{
    /* seq_cst, as platform_wake asks: who is about to sleep finds another value. */
    atomic_fetch_add(&word->value, EVENTCOUNT_STEP);
    platform_wake(word, INT32_MAX);
}

void mproc__queue_notify_all(struct queue *queue)
{
    wake_word(&queue->words[QUEUE_ITEMS]);
    wake_word(&queue->words[QUEUE_ROOM]);
    wake_word(&queue->words[QUEUE_DONE]);
    /* Pairs with the fence in mproc__activity_watch. */
    atomic_thread_fence(memory_order_seq_cst);
    mproc__activity_note(&queue->watched);
}
