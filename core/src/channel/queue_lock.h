/* The word of an end: taking it, which includes what a dead owner has left to do, giving it up, and turns.
 */
#ifndef MPROC_CHANNEL_QUEUE_LOCK_H
#define MPROC_CHANNEL_QUEUE_LOCK_H

#include "base/base.h"
#include "channel/queue_call.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "word/owned_word.h"

/** Anything but a free word without a past. */
int mproc__queue_lock_slow(struct queue_call *call);

/** How much a call does with an end's word in hand before others get their turn, whatever it has left to do. */
#define QUEUE_TURN_MESSAGES 1000u
#define QUEUE_TURN_BYTES    ((size_t)64 << 10)

/** Takes the word of the call's end, and finishes or undoes what a dead owner had begun. Errors: MPROC_E_STALE,
 * MPROC_E_TIMEOUT if a living one keeps it for a second and beyond the deadline. */
static inline int queue_lock(struct queue_call *call)
{
    if (unlikely(!owned_try(call->owned.word, mproc__self.id)) ||
        unlikely(!owned_confirm(call->owned.block, call->owned.id[1], call->owned.word)))
        return mproc__queue_lock_slow(call);
    return 0;
}

static inline void queue_unlock(struct queue_call *call)
{
    if (likely(owned_give(call->owned.word, mproc__self.id)))
        thread_slot_holds(-1);
    else
        mproc__owned_release(&call->owned);
}

/** Gives up the word at the end of a turn, and waits a moment for somebody who sleeps to take it. */
void mproc__queue_pass_turn(struct queue_call *call);

#endif
