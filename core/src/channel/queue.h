/* The queue, between the files of core that make it: what lies in shared memory, and the steps that they share.
 *
 * Two words with owners keep the two ends: whoever puts owns the one, whoever gets owns the other, and neither side
 * ever waits for the other's word. Tail and head are one 64-bit word each, written by the owner of their end alone:
 * count, place, everything. The store of that word is the commit: before it nothing has happened, after it everything,
 * and since both carry counts the number of messages is the difference of two words.
 *
 * Messages lie in rings, each a span that belongs to the queue; a large one lies in a span of its own, and the ring has
 * its number. If the ring is full a larger one is begun, and getters follow once they have emptied the old one. Only
 * producers, with their word in hand, make and free rings and give spans to the queue. So after the death of a producer
 * the next owner of the word knows exactly what is the queue's and what is not.
 *
 * What is more than one store is announced first, in the end's intent: whoever gets the word of one who died finishes
 * it or undoes it, which of the two the commit word tells. See docs/DESIGN.md for the argument, and
 * tests/models/queue.pml for the exhaustive check; names in brackets in the code are the model's steps.
 */
#ifndef MPROC_CHANNEL_QUEUE_H
#define MPROC_CHANNEL_QUEUE_H

#include "base/base.h"
#include "channel/frames.h"
#include "family/family_layout.h"
#include "family/thread_slot.h"
#include "family/view.h"
#include "word/await.h"
#include "word/owned_word.h"
#include <mproc/queue.h>

/** Words of the object, which come first in it: see mproc__object_create_words. Of those in between nobody knows; they
 * keep the two ends in cache lines of their own. */
enum queue_word { QUEUE_PUT = 0, QUEUE_GET = 4, QUEUE_ITEMS = 8, QUEUE_ROOM = 9, QUEUE_DONE = 10, QUEUE_WORDS = 12 };

/* ---- Positions ----
 *
 * Tail and head: number of messages that ever passed (32 bits) | ring (7 bits) | place in units of 8 bytes (25 bits).
 * Number and place wrap; differences are what counts. */

#define QUEUE_UNIT       8u
#define QUEUE_RINGS      128u
#define QUEUE_PLACE_BITS 25
#define QUEUE_PLACE_MASK ((1u << QUEUE_PLACE_BITS) - 1)
#define QUEUE_RING_UNITS (1u << 24) /* of the largest ring, 128 MiB: half the places, so that full is not empty */
#define QUEUE_RING_MIN   4096u      /* bytes */
#define QUEUE_BUFFER_MAX ((size_t)64 << 20)
#define QUEUE_BUFFER     ((size_t)64 << 10)
#define QUEUE_INLINE_MAX 16384u /* bytes of a message that goes through the ring; a quarter of a small ring */

static inline uint64_t position_at(uint32_t count, unsigned ring, uint32_t place)
{
    return (uint64_t)count << 32 | (uint64_t)(ring % QUEUE_RINGS) << QUEUE_PLACE_BITS | (place & QUEUE_PLACE_MASK);
}

static inline uint32_t position_count(uint64_t position)
{
    return (uint32_t)(position >> 32);
}

static inline unsigned position_ring(uint64_t position)
{
    return (unsigned)(position >> QUEUE_PLACE_BITS) % QUEUE_RINGS;
}

static inline uint32_t position_place(uint64_t position)
{
    return (uint32_t)position & QUEUE_PLACE_MASK;
}

/** The position behind a message of so many units. */
static inline uint64_t position_next(uint64_t position, uint32_t units)
{
    return position_at(position_count(position) + 1, position_ring(position), position_place(position) + units);
}

/* ---- What lies in shared memory ---- */

/** A message in a ring: a unit with size and kind, then its bytes, or the number of its span. */
enum queue_kind { QUEUE_INLINE = 1, QUEUE_SPAN = 2 };

static inline uint64_t record_head(enum queue_kind kind, uint32_t size)
{
    return (uint64_t)kind << 32 | size;
}

static inline uint32_t record_units(enum queue_kind kind, uint32_t size)
{
    return kind == QUEUE_SPAN ? 2 : 1 + (uint32_t)(((uint64_t)size + QUEUE_UNIT - 1) / QUEUE_UNIT);
}

/** What the owner of an end is about to do in more than one store. Written by him, and by who takes over after him. */
struct queue_intent {
    _Atomic uint32_t active; /**< stored last with release, so that the rest is there if it is 1 */
    uint32_t taker;          /**< process that takes messages of a joinable queue; 0: none */
    uint32_t taken;          /**< how many */
    uint64_t after;          /**< the end's position once it has happened */
    uint64_t span;           /**< changes hands; 0: none */
};

struct queue_end {
    alignas(64) _Atomic uint64_t position; /**< tail or head */
    uint64_t other;                        /**< the other end's, when this end's owner last looked */
    struct queue_intent intent;
};

/** units: a power of two. end: where the tail was when the next ring was begun. A ring that is not between head and
 * tail is no ring: what stands there is to be freed if it is the queue's. */
struct queue_ring {
    uint64_t span;
    uint32_t units;
    uint32_t end;
};

enum queue_state {
    QUEUE_SHUT = 1,
    QUEUE_DROPPED = 2,       /**< shut down at once: what is left is nobody's */
    QUEUE_PRODUCER_DIED = 4, /**< a registered one whose entry is used again */
    QUEUE_CONSUMER_DIED = 8,
};

struct queue {
    platform_word words[QUEUE_WORDS];
    struct queue_end put, get;
    alignas(64) uint32_t capacity; /**< 0: none */
    uint32_t inline_max;
    uint32_t joinable;
    _Atomic uint32_t state;
    _Atomic uint32_t watched;    /**< see activity.h */
    _Atomic uint32_t peer_bound; /**< entries of peers from here on were never used */
    _Atomic uint64_t peers;      /**< span of struct queue_peer, one per process slot; 0 until one is needed */
    _Atomic uint64_t lost;       /**< debt of the dead whose entries are used again: number << 32 | the last of them */
    alignas(64) struct queue_ring rings[QUEUE_RINGS];
};

_Static_assert(sizeof(struct queue) <= FAMILY_OBJECT_MAX, "a queue is one object");

/** A process as the queue knows it. who: incarnation << 32 | roles. debt: messages taken and not marked done << 32 |
 * count of the head when the last of them was added, by which a second addition of the same is known. */
struct queue_peer {
    _Atomic uint64_t who;
    _Atomic uint64_t debt;
};

/* ---- A call ----
 */

struct queue_call {
    struct queue *queue;
    struct owned_word owned; /**< word is that of the end the call is about */
    int64_t deadline;
};

/** Finds the queue, and gives the calling thread a node. Errors: MPROC_E_FOREIGN, MPROC_E_STALE, MPROC_E_LIMIT. */
int mproc__queue_enter(mproc_queue handle, enum queue_word end, int64_t deadline, struct queue_call *ret_call);

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
        family_holds(-1);
    else
        mproc__owned_release(&call->owned);
}

/** Gives up the word at the end of a turn, and waits a moment for somebody who sleeps to take it. */
void mproc__queue_pass_turn(struct queue_call *call);

/** The error of a call on this queue. */
int mproc__queue_error(int code, const struct queue_call *call, const char *what);

/** Owner word of what belongs to the queue. */
uint64_t mproc__queue_owner(const struct queue_call *call);

/** A wait for items, room or done: begins with deadline set and all else 0. */
struct queue_wait {
    struct await await;
    unsigned role; /**< whose deaths end the wait; 0: nobody's */
    bool gone;     /**< there are no peers in the role any more */
    bool begun;    /**< the next look finds a sleeper announced */
};

/* A wait for items or room sleeps longer each time, up to this. It is woken for all that happens; it looks by itself
 * only for the sake of deaths that nobody is left to report. */
#define QUEUE_SLICE_MAX_NS (16 * AWAIT_SLICE_NS)

/** The wait of a call for one of its queue's words; role: whose deaths end it, or 0. */
static inline struct queue_wait queue_wait_for(const struct queue_call *call, enum queue_word word, unsigned role)
{
    return (struct queue_wait){ .await = { .word = &call->queue->words[word],
                                           .on = call->owned.id[1],
                                           .deadline = call->deadline,
                                           .counts = true,
                                           .longest = QUEUE_SLICE_MAX_NS },
                                .role = role };
}

/** Called when a look has found nothing: spins, announces a sleeper or sleeps, whatever is next. Returns 1: look again;
 * 0: the time is up; MPROC_E_PEER_DIED; MPROC_E_NO_MEMORY or MPROC_E_OS if the list of peers cannot be mapped. watched:
 * a position whose change ends a spin; snapshot: what the look found there. */
int mproc__queue_wait(struct queue_call *call, struct queue_wait *wait, const _Atomic uint64_t *watched,
                      uint64_t snapshot);

/** Wakes all who sleep on the queue for whatever reason. */
void mproc__queue_wake_all(struct queue *queue);

/** The number of messages, exactly. */
uint32_t mproc__queue_count(struct queue *queue);

/* ---- Ends ---- */

/** What is left to do for a dead owner of the word that the call has just got. [recover] Errors: as
 * mproc__span_address, and then it is left to the next owner. */
void mproc__queue_recover_put(struct queue_call *call);
int mproc__queue_recover_get(struct queue_call *call);

/** Announces, and takes back. after: the commit; span: 0 if none changes hands. Who takes from a joinable queue has
 * filled in taker and taken before. */
void mproc__queue_intend(struct queue_end *end, uint64_t after, uint64_t span);
void mproc__queue_intent_done(struct queue_end *end);

/** Makes the first ring of a queue that nobody else knows yet. bytes: a power of two. */
int mproc__queue_first_ring(struct queue_call *call, size_t bytes);

/** With the get word: drops everything that is in the queue. Errors: as mproc__span_address; the rest is still there.
 */
int mproc__queue_drop(struct queue_call *call);

/** The address of a place in a ring: where to begin and how many bytes lie there in one piece. */
struct queue_bytes {
    unsigned char *base;
    uint32_t size; /**< a power of two */
};
int mproc__queue_ring(const struct queue_ring *ring, struct queue_bytes *ret_bytes);

static inline void bytes_write(const struct queue_bytes *bytes, uint32_t place, const void *data, size_t size)
{
    ring_copy_in(bytes->base, bytes->size, (uint64_t)place * QUEUE_UNIT, data, size);
}

static inline void bytes_read(const struct queue_bytes *bytes, uint32_t place, void *ret_data, size_t size)
{
    ring_copy_out(bytes->base, bytes->size, (uint64_t)place * QUEUE_UNIT, ret_data, size);
}

/* ---- Peers and debts ----
 */

/** The entry of the calling process, made if need be. With the get word. Errors: as mproc__span_address. */
int mproc__queue_peer_self(struct queue_call *call, struct queue_peer **ret_peer);

/** Adds what was taken with the commit of head to the debt, unless it was added before. [owe] */
void mproc__queue_owe(struct queue_peer *peer, uint32_t taken, uint32_t head_count);

/** The entry of a process; NULL if it has none, and for process 0. Errors: as mproc__span_address. */
int mproc__queue_peer_of(struct queue *queue, uint32_t process, struct queue_peer **ret_peer);

/** With the get word, whose last owner died: what he may have left of the passing of an entry. Errors: as
 * mproc__span_address. */
int mproc__queue_finish_take_over(struct queue *queue);

/** 1 if there is no registered process left in the role, and one of them died; else 0. Without a word: what it says
 * holds if the queue is found to be there afterwards. Errors: MPROC_E_NO_MEMORY, MPROC_E_OS. */
int mproc__queue_peers_gone(struct queue *queue, unsigned role);

/** Makes the list of peers. With the put word. */
int mproc__queue_peers_make(struct queue_call *call);

/* ---- Messages in the hands of this process (message.c) ----
 */

/** A message that is somewhere: in private memory, or in a span that a thread of this process owns. */
struct held_message {
    void *data;
    size_t size;
    uint64_t span;  /**< 0: private */
    uint64_t owner; /**< of the span */
};

/** Makes a place for a message, which mproc__message_hold fills. 0: no memory. */
uint64_t mproc__message_ticket(void);
void mproc__message_hold(uint64_t ticket, const struct held_message *held);
/** Gives back a place that was not filled. */
void mproc__message_forget(uint64_t ticket);

/** Frees the memory of a message that is in no queue. */
void mproc__message_free(const struct held_message *held);

/** Takes a message out of the table for a moment, so that nobody else releases or commits it: ended by
 * mproc__message_forget, its memory being the caller's then, or by mproc__message_hold. Errors: MPROC_E_STALE,
 * MPROC_E_WRONG_PROCESS. */
int mproc__message_claim(uint64_t ticket, struct held_message *ret_held);

#endif
