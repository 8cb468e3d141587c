/* What is on the way to one client: frames, as many as he has not taken, up to a bound. What does not fit is counted,
 * and told as soon as there is room.
 *
 * Each class of records has its own bound, so that what may be done without leaves room for what may not; where it is
 * half full states have a share of their own, beside those of events. Above all of them is room for the few frames of
 * the connection itself.
 */
#ifndef MPROC_MONITOR_OUTBOX_H
#define MPROC_MONITOR_OUTBOX_H

#include "trace/record.h"
#include <stdbool.h>
#include <stddef.h>

#define OUTBOX_SIZE ((size_t)1 << 20)

struct outbox_loss {
    uint64_t count;
    int64_t from_ns, to_ns;
};

struct outbox {
    unsigned char *bytes; /**< a ring of OUTBOX_SIZE */
    size_t begin, used;
    uint64_t sequence;   /**< of the last frame */
    uint64_t gone;       /**< bytes that went */
    uint64_t states_end; /**< when so many have gone, no state is on the way */
    size_t states;       /**< bytes of states since that was so last */
    struct outbox_loss losses[RECORD_CLASSES];
};

/** Errors: MPROC_E_NO_MEMORY. */
int mproc__outbox_init(struct outbox *outbox);
void mproc__outbox_free(struct outbox *outbox);

/** Puts in an encoded frame of an event, which gets its number here; or counts it as lost. */
void mproc__outbox_event(struct outbox *outbox, enum record_class class, unsigned char *frame, size_t size,
                         int64_t now_ns);

/** Puts in an encoded frame of a state, or returns false: it is to be tried again, with what the state is then. */
bool mproc__outbox_state(struct outbox *outbox, unsigned char *frame, size_t size);

/** Puts in a record of the connection itself, encoded here. False without room, which is left only to a client that
 * asks for more than he takes. */
bool mproc__outbox_word(struct outbox *outbox, enum record_type type, const void *record, int64_t now_ns);

/** Counts what was lost elsewhere of events that this client would have had. */
void mproc__outbox_lose(struct outbox *outbox, const struct record_lost *lost);

/** Tells of what was lost since it was told of last, as far as there is room. */
void mproc__outbox_tell_losses(struct outbox *outbox, int64_t now_ns);

/** The bytes that are to go next, in one piece; 0 of them if there are none. */
size_t mproc__outbox_next(const struct outbox *outbox, const unsigned char **ret_bytes);

/** So many of them went. */
void mproc__outbox_went(struct outbox *outbox, size_t size);

#endif
