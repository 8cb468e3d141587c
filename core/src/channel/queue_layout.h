/* A queue as it lies in the family segment.
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
#ifndef MPROC_CHANNEL_QUEUE_LAYOUT_H
#define MPROC_CHANNEL_QUEUE_LAYOUT_H

#include "family/family_layout.h"
#include "memory/block.h"

/** Words of the object, which come first in it: see mproc__object_create_words. Of those in between nobody knows; they
 * keep the two ends in cache lines of their own. */
enum queue_word { QUEUE_PUT = 0, QUEUE_GET = 4, QUEUE_ITEMS = 8, QUEUE_ROOM = 9, QUEUE_DONE = 10, QUEUE_WORDS = 12 };

/* ---- Positions ---- */

/* Tail and head: number of messages that ever passed (32 bits) | ring (7 bits) | place in units of 8 bytes (25 bits).
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
    uint32_t unused;
    uint64_t after; /**< the end's position once it has happened */
    uint64_t span;  /**< changes hands; 0: none */
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
    QUEUE_CLOSED = 1,
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

/** A process as the queue knows it. who: incarnation << 32 | roles. debt: messages taken and not marked done << 32 |
 * count of the head when the last of them was added, by which a second addition of the same is known. */
struct queue_peer {
    _Atomic uint64_t who;
    _Atomic uint64_t debt;
};

_Static_assert(sizeof(struct queue_intent) == 32, "an intent as the layout says");
_Static_assert(sizeof(struct queue_end) == 64, "an end is a cache line");
_Static_assert(sizeof(struct queue_ring) == 16 && sizeof(struct queue_peer) == 16, "entries of lists");
_Static_assert(sizeof(struct queue) == 2432, "a queue as the layout says");
_Static_assert(sizeof(struct queue) <= FAMILY_OBJECT_MAX, "a queue is one object");

/* ---- Words of two numbers ---- */

static inline uint32_t word_upper(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static inline uint64_t word_pair(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

#endif
