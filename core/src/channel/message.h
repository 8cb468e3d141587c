/* Messages in the hands of this process.
 */
#ifndef MPROC_CHANNEL_MESSAGE_H
#define MPROC_CHANNEL_MESSAGE_H

#include <mproc/message.h>
#include <stddef.h>
#include <stdint.h>

/** A message that is somewhere: in private memory, or in a span that a thread of this process owns. */
struct held_message {
    void *data;
    size_t size;
    uint64_t span;  /**< 0: private */
    uint64_t owner; /**< of the span */
};

/** Makes a slot for a message, which mproc__message_hold fills. 0: no memory. */
uint64_t mproc__message_ticket(void);
mproc_message mproc__message_hold(uint64_t ticket, const struct held_message *held);

/** Gives back a slot that was not filled. */
void mproc__message_forget(uint64_t ticket);

/** In a copy that leaves its family: every message becomes stale, and its memory is left alone, for another thread may
 * have been at it when the copy was made. */
void mproc__message_forget_all(void);

/** Frees the memory of a message that is in no queue. */
void mproc__message_free(const struct held_message *held);

/** Takes a message out of the table for a moment, so that nobody else releases or commits it: ended by
 * mproc__message_forget, its memory being the caller's then, or by mproc__message_hold. Errors: MPROC_E_STALE,
 * MPROC_E_WRONG_PROCESS. */
int mproc__message_claim(const mproc_message *message, struct held_message *ret_held);

#endif
