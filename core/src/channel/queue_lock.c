/* The word of an end. */
#include "channel/queue_lock.h"
#include "base/base.h"
#include "channel/queue_call.h"
#include "channel/queue_layout.h"
#include "channel/queue_recover.h"
#include "word/owned_word.h"
#include "word/spin.h"

/* How long a thread that lives may keep an end before others give up, beyond their own time-outs. It does so for as
 * long as it takes to copy some KiB, unless it is stopped. */
#define KEPT_NS (1000 * (int64_t)1000000)

NEVER_INLINE int mproc__queue_lock_slow(struct queue_call *call)
{
    int64_t patience = platform_now_ns() + KEPT_NS;
    int code = mproc__owned_acquire(&call->owned, call->deadline > patience ? call->deadline : patience);
    if (code == MPROC_E_TIMEOUT)
        return mproc__queue_error(code, call, ", which somebody who does not go on keeps");
    if (code != MPROC_OWNER_DIED)
        return code;
    code = 0;
    if (call->owned.word == &call->queue->words[QUEUE_PUT])
        mproc__queue_recover_put(call);
    else
        code = mproc__queue_recover_get(call);
    if (code == 0)
        return mproc__owned_repaired(&call->owned);
    /* The word goes on saying that an owner died: the next one tries again. */
    mproc__owned_release(&call->owned);
    return code;
}

void mproc__queue_pass_turn(struct queue_call *call)
{
    _Atomic uint32_t *word = &call->owned.word->value;
    /* Relaxed: a hint. Without this the sleeper who is woken would find the word taken again, each time. */
    bool wanted = atomic_load_explicit(word, memory_order_relaxed) & OWNED_CONTENDED;
    queue_unlock(call);
    if (wanted)
        mproc__spin(word, OWNED_OWNER, 0, true, INT64_MAX);
}
