/* The list of who puts and who takes: registered peers, and what each process has taken from a joinable queue and not
 * marked done.
 *
 * The list has an entry for each process slot of the family, so that a process finds its own without looking. It is
 * written with the get word only: a queue can be destroyed at any moment by whoever gets its words, and its list be
 * somebody else's memory then. Who looks without the word does not believe what he sees until he has had the word
 * since.
 *
 * An entry passes to the next process in the slot: what the dead one owed is added to `lost` first, which keeps in mind
 * whose debt was the last, so that a death in between does not add it twice.
 */
#ifndef MPROC_CHANNEL_QUEUE_PEERS_H
#define MPROC_CHANNEL_QUEUE_PEERS_H

#include "channel/queue_call.h"
#include "channel/queue_layout.h"

/** Makes the list of peers. With the put word. */
int mproc__queue_peers_make(struct queue_call *call);

/** The list; NULL if there is none. That it cannot be mapped is an error and not the same: who owes something stands in
 * it. */
int mproc__queue_peers(struct queue *queue, struct queue_peer **ret_peers);

/** The entry of a process; NULL if it has none, and for process 0. Errors: as mproc__span_address. */
int mproc__queue_peer_of(struct queue *queue, uint32_t process, struct queue_peer **ret_peer);

/** The entry of the calling process, made if need be. With the get word. Errors: as mproc__span_address. */
int mproc__queue_peer_self(struct queue_call *call, struct queue_peer **ret_peer);

/** Adds what was taken with the commit of head to the debt, unless it was added before. [owe] */
void mproc__queue_owe(struct queue_peer *peer, uint32_t taken, uint32_t head_count);

/** With the get word, whose last owner died: what he may have left of the passing of an entry. Errors: as
 * mproc__span_address. */
int mproc__queue_finish_take_over(struct queue *queue);

/** 1 if there is no registered process left in the role, and one of them died; else 0. Without a word: what it says
 * holds if the queue is found to be there afterwards. Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__queue_peers_gone(struct queue *queue, unsigned role);

#endif
