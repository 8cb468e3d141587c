/* What was last told of everything that has a state: pools, counts, workers, functions, maps, locks and queues. A
 * record that says what the last one of the same thing said is told to nobody.
 *
 * Who watches has a number, his place. Each entry notes the places of those who have not had it as it is now. So a
 * client that is slow misses what a thing was in between, and never what it is: the entry waits for him, and is
 * replaced while it waits.
 */
#ifndef MPROC_MONITOR_STATE_H
#define MPROC_MONITOR_STATE_H

#include "monitor/outbox.h"
#include "trace/record.h"
#include <stdbool.h>

/** Places are bits of a word. */
#define STATE_PLACES 32

#define STATE_BUCKETS 1024

struct state_entry;

struct state {
    struct state_entry *first, *last; /**< in the order in which they were first told of */
    struct state_entry *buckets[STATE_BUCKETS];
    uint32_t watchers, object_watchers; /**< places that want state, and those that want locks and queues */
    uint64_t next[STATE_PLACES];        /**< the number of the entry that this one is to be told of next */
    uint64_t numbers;                   /**< that were given */
    size_t count;
};

/** Forgets everything. All zero is nothing. */
void mproc__state_free(struct state *state);

/** Takes a record of the class STATE that tells of a thing. Its texts are copied. That a pool has gone comes after all
 * else of it. */
void mproc__state_put(struct state *state, enum record_type type, const void *record, int64_t now_ns);

/** Whether a record of this type tells of a thing, and so is for mproc__state_put. */
bool mproc__state_is_of_thing(enum record_type type);

/** Nobody wants locks and queues any more. */
void mproc__state_forget_objects(struct state *state);

/** From now on this place wants to be told, and of everything that there is first. */
void mproc__state_want(struct state *state, unsigned place, bool objects);
void mproc__state_want_no_more(struct state *state, unsigned place);
/** The same of locks and queues alone. */
void mproc__state_want_no_objects(struct state *state, unsigned place);

/** Puts what this place has not been told into its outbox. Whether that was all. */
bool mproc__state_tell(struct state *state, unsigned place, struct outbox *outbox);

#endif
