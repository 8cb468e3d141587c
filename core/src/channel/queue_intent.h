/* What the owner of an end announces that he is about to do in more than one store.
 */
#ifndef MPROC_CHANNEL_QUEUE_INTENT_H
#define MPROC_CHANNEL_QUEUE_INTENT_H

#include "channel/queue_layout.h"

/** Announces, and takes back. after: the commit; span: 0 if none changes hands. Who takes from a joinable queue has
 * filled in taker and taken before. */
void mproc__queue_intend(struct queue_end *end, uint64_t after, uint64_t span);
void mproc__queue_intent_done(struct queue_end *end);

#endif
