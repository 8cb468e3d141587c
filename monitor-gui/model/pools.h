/* What is known of the pools of a watched process: their workers, functions and maps. All of it is told as it is at a
 * moment, so that a lost record is mended by the next one, and one that comes late changes nothing.
 *
 * A peer is believed in no number: of each kind so many are kept, what is beyond is ignored and counted.
 */
#ifndef MPROC_MODEL_POOLS_H
#define MPROC_MODEL_POOLS_H

#include "model/history.h"
#include "model/kept.h"
#include "model/list.h"
#include "model/overall.h"
#include "model/usual.h"

#define POOLS_MAX     256u
#define WORKERS_MAX   4096u
#define FUNCTIONS_MAX 1024u
#define MAPS_MAX      256u
/** Functions whose runs are counted here, of all pools together. */
#define USUALS_MAX 4096u
/** Of bins of all functions together. */
#define BINS_BYTES_MAX ((size_t)16 << 20)

/** When and by which snapshot something was told of last. */
struct told {
    int64_t at_ns;
    uint64_t snapshot;
};

struct model_worker {
    struct told told;
    struct record_worker said;
    char *texts;
    /** Of the process of said.pid: how much CPU time it had at two moments at which it was asked; the same one twice
     * before there was a second. */
    struct model_cpu {
        int64_t at_ns;
        uint64_t cpu_ns;
    } older, newer;
    bool known; /**< there is such a place in the pool */
};

struct model_function {
    struct told told;
    struct record_function said;
    char *texts;
    struct record_function_stats stats; /**< zero without the pool's option .statistics */
    struct record_function_bins bins;   /**< the same */
    char *bins_text;
    struct usual *usual; /**< NULL: of a pool that tells of times itself, or nothing was told of yet */
};

struct model_map {
    struct told told;
    struct record_map said;
};

struct model_pool {
    uint32_t number;
    struct told told, counts_told;
    struct record_pool said;
    char *texts;
    int64_t over_ns; /**< when it was first told to be over; 0: it is not */
    struct record_counts counts;
    struct list workers;   /**< struct model_worker, by index */
    struct list functions; /**< struct model_function, by number; the first is none */
    struct list maps;      /**< struct model_map, in the order in which they were told of */
    struct history history;
    struct overall overall;
};

struct pools {
    struct list all; /**< struct model_pool *, in the order in which they were told of */
    uint64_t snapshot, ignored;
    size_t bins_bytes; /**< that are kept */
    size_t usuals;     /**< the same */
};

void pools_init(struct pools *pools);
void pools_free(struct pools *pools);

/** Takes a record of the types pool, counts, worker, function, function_stats, function_bins and map. Returns 0 or
 * MPROC_E_NO_MEMORY. */
int pools_take(struct pools *pools, const struct wire_frame *frame, const union record *record);

/** Takes how long a task ran. Returns 0 or MPROC_E_NO_MEMORY. */
int pools_take_run(struct pools *pools, const struct record_task_ended *record);

/** A snapshot begins: at its end what it did not name is gone. */
void pools_snapshot_begin(struct pools *pools);
void pools_snapshot_end(struct pools *pools);

/** Time goes on: histories get their samples. */
void pools_tick(struct pools *pools, int64_t now_ns);

/** Nothing has been heard since that time: histories know nothing behind it. */
void pools_silence(struct pools *pools, int64_t heard_ns);

static inline struct model_pool *pools_at(const struct pools *pools, size_t index)
{
    return *(struct model_pool **)list_at(&pools->all, index);
}

/** NULL if there is none. */
struct model_pool *pools_find(const struct pools *pools, uint32_t number);
/** A place that the pool has, or still has since it was made smaller: until nobody is there. */
const struct model_worker *pool_worker_at(const struct model_pool *pool, uint64_t index);
/** The same, or a place that the pool had: for what was done there. */
const struct model_worker *pool_lane_at(const struct model_pool *pool, uint64_t index);
const struct model_function *pool_function_at(const struct model_pool *pool, uint32_t number);

static inline const struct model_map *pool_map_at(const struct model_pool *pool, size_t index)
{
    return list_at(&pool->maps, index);
}

/** How long it has been there, until it was over; 0 if it is not known since when. */
int64_t pool_age_ns(const struct model_pool *pool, int64_t now_ns);

/** Tasks and items that have ended, done or failed. */
uint64_t pool_done(const struct model_pool *pool);

/** Workers in one of the states of mproc_worker_state. */
size_t pool_count_workers(const struct model_pool *pool, unsigned state);

/** How many tasks the worker that lives there has done, without those of who lived there before it. */
static inline uint64_t worker_done(const struct model_worker *worker)
{
    uint64_t before = worker->said.tasks_before;
    return worker->said.tasks > before ? worker->said.tasks - before : 0;
}

/** CPU time per time, 1: a whole CPU, over the last half second or more that is known. False if it is not known yet, or
 * there is no process of its own. Of a large pool it is of longer, for not all of its workers are asked at a time. */
bool worker_cpu(const struct model_pool *pool, const struct model_worker *worker, int64_t now_ns, double *ret_share);

/** What the workers that pool_worker_at has take together, at this moment: the sum of what worker_cpu says of each.
 * False if it is not known of any of those that live. */
bool pool_cpu(const struct model_pool *pool, int64_t now_ns, double *ret_share);
/** The same, of their memory, in bytes. */
bool pool_memory(const struct model_pool *pool, uint64_t *ret_bytes);

/** How many runs of a function were from_ns to to_ns long, both included. */
struct model_bin {
    int64_t from_ns, to_ns;
    uint64_t count;
};

/** The next of a function's bins that are not empty, the shortest first. at: where it stands, 0 at first, and changed
 * for the one after it. False behind the last, and of a function that nothing is known of (NULL is allowed). */
bool function_next_bin(const struct model_function *function, size_t *at, struct model_bin *ret_bin);

/** How long a function's runs are: as its pool says, or where it does not of those that were told of. All 0 of one that
 * nothing is known of (NULL is allowed). */
struct function_times {
    uint64_t count;
    int64_t p50_ns, p99_ns;
};
struct function_times function_times(const struct model_function *function);

/** Whether a task takes, or took, a millisecond and longer than 99 in 100 of its function, once there are enough to say
 * so. ret_ratio: how many times the median that is. function: NULL if it is not known. */
bool function_is_slow(const struct model_function *function, int64_t run_ns, double *ret_ratio);

/** When a map will be done, from how it went so far. False if nothing can be said. */
bool map_left(const struct model_map *map, int64_t now_ns, int64_t *ret_left_ns);

#endif
