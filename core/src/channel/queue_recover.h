/* What is left to do for a dead owner of an end's word.
 */
#ifndef MPROC_CHANNEL_QUEUE_RECOVER_H
#define MPROC_CHANNEL_QUEUE_RECOVER_H

#include "channel/queue_call.h"

/** What is left to do for a dead owner of the word that the call has just got. [recover] Errors: as
 * mproc__span_address, and then it is left to the next owner. */
void mproc__queue_recover_put(struct queue_call *call);
int mproc__queue_recover_get(struct queue_call *call);

#endif
