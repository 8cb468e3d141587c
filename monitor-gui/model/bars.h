/* What ran where and when: of each task that ended no more than a timeline draws of it, so that there is room for a
 * million where tasks.h has some thousands. The room is bounded, and those that ended first make room for new ones.
 *
 * Bars of one worker's place stand together in blocks, and a question about a time looks at blocks first: one that
 * asks for a hundredth of all bars does not touch the others.
 */
#ifndef MPROC_MODEL_BARS_H
#define MPROC_MODEL_BARS_H

#include "trace/record.h"
#include <stdbool.h>

/** That stand together. */
#define BARS_IN_BLOCK 64u

struct bar {
    int64_t begin_ns, end_ns; /**< the second one is behind the first one, or the same */
    uint64_t task;
    int64_t item;
    float wait_ns, run_ns; /**< lengths: until a worker took it, in its function */
    uint32_t pid;
    uint16_t function; /**< 0: not known */
    uint8_t attempt;   /**< 255 and above: 255 */
    uint8_t end;       /**< enum record_end; 0: it runs */
};

struct bars_block {
    struct bar *bars;          /**< NULL: never used */
    int64_t first_ns, last_ns; /**< from the earliest begin to the latest end in it */
    uint32_t pool, worker, count;
    uint32_t older, newer; /**< in the order of the last bar that came to each: a place and 1, 0 at the ends */
};

#define BARS_OPEN 4096u

/** A time of which nothing was told. */
struct bars_gap {
    int64_t from_ns, to_ns;
};
#define GAPS_KEPT 64u

struct bars {
    struct bars_block *blocks;
    uint32_t capacity, used;  /**< blocks: in all, begun */
    uint32_t oldest, newest;  /**< blocks, as older and newer */
    uint32_t open[BARS_OPEN]; /**< the block that a worker's next bar goes to, by a hash: a place and 1 */
    uint64_t count;           /**< bars that are kept */
    uint64_t forgotten;       /**< that made room */
    int64_t forgotten_ns;     /**< of those that ended until then some are forgotten; 0: none is */
    struct bars_gap gaps[GAPS_KEPT];
    uint64_t gap_total;
    int64_t begun_ns; /**< since when ends are told; 0: they never were */
    bool is_blind;    /**< the last gap has no end yet */
};

/** capacity: of bars, in whole blocks; 0: none are kept. Memory is taken as they come, 48 MB for a million. Returns 0
 * or MPROC_E_NO_MEMORY. */
int bars_init(struct bars *bars, uint32_t capacity);
void bars_free(struct bars *bars);

/** Takes the end of an attempt; of one that no worker had nothing is kept. Returns 0 or MPROC_E_NO_MEMORY. */
int bars_take(struct bars *bars, const struct record_task_ended *record);

/** From this time on no ends are told, or they are again. The first time that they are is when it all begins. */
void bars_set_blind(struct bars *bars, bool is_blind, int64_t now_ns);

/** Since when all that was told is kept. */
int64_t bars_since_ns(const struct bars *bars);

uint64_t bars_gap_count(const struct bars *bars);
/** 0 is the last one; one that has no end yet ends at INT64_MAX. */
struct bars_gap bars_gap_at(const struct bars *bars, uint64_t index);

/** A walk through the bars of a pool of which some part lies within a time: all zero but for what is asked. */
struct bars_walk {
    int64_t from_ns, to_ns;
    uint32_t pool;
    int64_t worker; /**< -1: all of them */
    uint32_t block, next;
};
/** NULL at the end. In the order in which they came, worker by worker; ret_worker may be NULL. */
const struct bar *bars_next(const struct bars *bars, struct bars_walk *walk, uint32_t *ret_worker);

#endif
