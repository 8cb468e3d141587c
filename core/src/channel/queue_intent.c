/* Announcing and taking back. */
#include "channel/queue_intent.h"
#include "channel/queue_layout.h"

void mproc__queue_intend(struct queue_end *end, uint64_t after, uint64_t span)
{
    end->intent.after = after;
    end->intent.span = span;
    /* Release, and nobody acquires: it keeps the compiler from storing this first. What a dead thread had stored, in
     * the order of its program, is visible to whoever has been told of its death. */
    atomic_store_explicit(&end->intent.active, 1, memory_order_release);
}

void mproc__queue_intent_done(struct queue_end *end)
{
    /* Release: the same. */
    atomic_store_explicit(&end->intent.active, 0, memory_order_release);
}
