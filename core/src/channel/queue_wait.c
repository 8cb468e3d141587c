/* Waiting at an end of a queue. */
#include "channel/queue_wait.h"
#include "channel/queue_peers.h"
#include "family/activity.h"
#include "word/eventcount.h"
#include "word/sleep.h"

/* A wait for items or room sleeps longer each time, from a slice up to this. It is woken for all that happens; it looks
 * by itself only for the sake of deaths that nobody is left to report. */
#define LONG_SLICE_NS (16 * SLEEP_SLICE_NS)

/* Sixteen pauses and then a yield, for about what a sleep and a wake cost: see sleep.c. */
static void spin(const _Atomic uint64_t *watched, uint64_t snapshot, int64_t deadline)
{
    struct mproc__spin spin = mproc__spin_begin(deadline);
    /* Relaxed: the caller's next look decides. */
    while (atomic_load_explicit(watched, memory_order_relaxed) == snapshot && mproc__spin_on(&spin))
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

static int sleep_on(struct queue_call *call, struct queue_wait *wait)
{
    int64_t now = platform_now_ns();
    if (now >= call->deadline)
        return 0;
    wait->slice = wait->slice == 0 ? SLEEP_SLICE_NS : wait->slice < LONG_SLICE_NS ? 2 * wait->slice : wait->slice;
    int64_t end = call->deadline - now < wait->slice ? call->deadline : now + wait->slice;
    mproc__sleep(wait->word, wait->seen, wait->deaths, end, call->owned.id[1]);
    return 1;
}

int mproc__queue_wait(struct queue_call *call, struct queue_wait *wait, const _Atomic uint64_t *watched,
                      uint64_t snapshot)
{
    int code = 0;
    if (call->deadline == 0)
        return check_peers(call, wait);
    if (wait->stage == QUEUE_WAIT_NEW) {
        wait->stage = QUEUE_WAIT_SPUN;
        spin(watched, snapshot, call->deadline);
        return 1;
    }
    if (wait->stage != QUEUE_WAIT_SPUN) {
        code = check_peers(call, wait);
        if (code == 0)
            code = sleep_on(call, wait);
        if (code <= 0)
            return code;
    }
    wait->stage = wait->stage == QUEUE_WAIT_SPUN ? QUEUE_WAIT_READY : QUEUE_WAIT_SLEPT;
    /* Before the look: a death after it has changed the word. */
    wait->deaths = atomic_load(&mproc__family_death_word()->value);
    wait->seen = eventcount_prepare(wait->word);
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
