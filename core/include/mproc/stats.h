/* Figures of a pool: what it has done and is doing, its workers one by one, its functions one by one, and the slowest
 * of its tasks. What a program logs at its end, or a monitor shows.
 *
 * Every call is one look at the pool: all that it writes is of the same moment, the totals that it may be asked for
 * beside the rest included. Each looks after the workers first, as waiting for a result does, so that what they have
 * done by then is counted. What is counted from the pool's creation on never goes down. All calls can be made as long
 * as the pool has not been freed: also after mproc_pool_close, mproc_pool_terminate and mproc_pool_join, and of a pool
 * that is broken.
 *
 * The totals and the figures of workers are always kept, since they cost a task next to nothing. Times per function and
 * the slowest tasks are kept for pools that were made with .statistics = 1, from their first task on: that costs the
 * parent about 140 instructions a task, a tenth of what a tiny one takes it in all, and 8 KiB for each function that
 * its tasks have, 2 MiB at most. Without it the calls that ask for them are MPROC_E_STATE.
 *
 * The times of a task follow each other, from the call that submits it until its result is ready:
 *
 *     wait     until a worker begins it. The part of it before it was handed to a worker is queued; the rest it lies in
 *              that worker's ring, behind others
 *     copy     what the worker takes for an argument above 32 KiB, and for a value above 4 KiB, and waits for room
 *              meanwhile; with less it is not measured, for it is less than the measuring, and counts as run
 *     run      the function
 *     return   until the parent has the value: mproc has no thread that does nothing but look, so that it may be long
 *              while nobody waits for a result
 *
 * Times are measured with the processor's counter where there is a good one, and right to a thousandth.
 */
#ifndef MPROC_STATS_H
#define MPROC_STATS_H

#include <mproc/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* pool.h includes this. */
typedef struct mproc_pool mproc_pool;

/** Room for a function's name, and for "file.c:12", with the zero: longer ones are cut, of a place the beginning. */
#define MPROC_STATS_NAME_BYTES  64
#define MPROC_STATS_PLACE_BYTES 96
/** Room for how a worker has ended. */
#define MPROC_STATS_END_BYTES 160

/* ---- The pool ---- */

/** What a pool has done and is doing. */
typedef struct mproc_pool_stats {
    int workers;        /**< ready */
    int idle;           /**< of these, without a task */
    uint64_t queued;    /**< tasks and map chunks that have not started; the part of a map that is not yet cut into
                           chunks counts 1 */
    uint64_t running;   /**< started and not ended; of a map, its chunks */
    uint64_t submitted; /**< since creation, here and below; a map counts 1, and so does each item of the others */
    uint64_t succeeded;
    uint64_t failed;
    uint64_t cancelled;
    uint64_t retried;  /**< attempts that were made again after a worker's death */
    uint64_t deaths;   /**< workers that ended without being told to, or were killed at a limit */
    uint64_t restarts; /**< replacements, planned ones too */
    uint64_t busy_ns;  /**< time the workers spent in functions that returned */
    uint64_t chunks;   /**< of maps, that were run to their end */
    uint64_t items;    /**< of maps, that were run to their end, failed ones too; not those that their worker died of */
    int64_t oldest_ns; /**< since when the oldest of the queued was submitted; of a chunk, its map; 0 without one */
    int64_t age_ns;    /**< since the pool was made */
} mproc_pool_stats;

MPROC_API int mproc_pool_get_stats_(mproc_pool *pool, mproc_pool_stats *ret_stats, size_t stats_size);

/** Counts at this moment. Of a map that runs now, chunks count under queued and running only. As long as a pool has had
 * no map, submitted is the sum of queued, running, succeeded, failed and cancelled.
 *
 * Returns: 0; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.1
 */
static inline int mproc_pool_get_stats(mproc_pool *pool, mproc_pool_stats *ret_stats)
{
    return mproc_pool_get_stats_(pool, ret_stats, sizeof *ret_stats);
}

/* ---- Workers ---- */

/** What a worker is doing. */
typedef enum mproc_worker_state {
    MPROC_WORKER_NONE = 0,     /**< there is none in this place: it has died and the next is still to come, or the pool
                                  is over */
    MPROC_WORKER_STARTING = 1, /**< it starts, or runs the initializer */
    MPROC_WORKER_IDLE = 2,     /**< it is ready and runs nothing */
    MPROC_WORKER_BUSY = 3,     /**< it runs a task */
    MPROC_WORKER_LEAVING = 4   /**< it was told to exit, and does what it still has to, its exit hook for instance */
} mproc_worker_state;

/** One place in the pool, in which one worker after the other lives. */
typedef struct mproc_worker_stats {
    int64_t index;      /**< the place, from 0: as mproc_task_get_worker and mproc_outcome.worker */
    int64_t state;      /**< a mproc_worker_state */
    int64_t pid;        /**< 0 if there is none */
    int64_t lives;      /**< how many workers have been started in this place: the restarts are one less */
    int64_t start_ns;   /**< what this one took from the beginning of its start until it was ready, the initializer
                           included; 0 before */
    int64_t init_ns;    /**< the initializer's part of it */
    int64_t age_ns;     /**< since this one was ready; 0 before */
    uint64_t tasks;     /**< calls and chunks that returned, of all lives, here and below */
    uint64_t chunks;    /**< of these, chunks */
    uint64_t busy_ns;   /**< in functions that returned */
    int64_t waited_ns;  /**< that it was ready, and neither in these nor in what it runs now */
    uint64_t held;      /**< what it has been given and has not ended, the running one included */
    uint64_t id;        /**< BUSY: the number of the task, as mproc_task_get_id says it; else 0 */
    int64_t item;       /**< of this its index in a map or starmap, of a chunk the first's; -1 of a single task */
    uint64_t items;     /**< how many it runs: 1, or those of the chunk */
    int64_t attempt;    /**< which, from 1 */
    int64_t running_ns; /**< for how long it has been running */
    char function[MPROC_STATS_NAME_BYTES]; /**< as mproc_outcome.function; "" if it runs nothing */
    char where[MPROC_STATS_PLACE_BYTES];   /**< as mproc_outcome.where */
    int64_t exit_code;                     /**< of the one before this: as mproc_process_get_exit_code says it */
    char end[MPROC_STATS_END_BYTES];       /**< how that one ended, in words; "" if there was none */
} mproc_worker_stats;

MPROC_API int mproc_pool_get_worker_stats_(mproc_pool *pool, mproc_worker_stats *ret_workers, size_t worker_size,
                                           size_t capacity, mproc_pool_stats *ret_totals, size_t totals_size);

/** What each worker is doing and has done. Of the totals chunks and busy_ns are the sums of the workers'.
 *
 * ret_workers: room for capacity; as many as fit are written, by index. NULL if capacity is 0.
 * ret_totals: NULL, or the figures of mproc_pool_get_stats, of the same moment.
 * Returns: how many places the pool has; MPROC_E_INVALID for NULL with a capacity; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
static inline int mproc_pool_get_worker_stats(mproc_pool *pool, mproc_worker_stats *ret_workers, size_t capacity,
                                              mproc_pool_stats *ret_totals)
{
    return mproc_pool_get_worker_stats_(pool, ret_workers, sizeof *ret_workers, capacity, ret_totals,
                                        sizeof *ret_totals);
}

/** The pids of the workers that are ready; of threads, once for each, the pid of this process.
 *
 * ret_pids: room for capacity; as many as fit are written. NULL if capacity is 0.
 * Returns: how many there are; MPROC_E_INVALID for NULL with a capacity; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_get_worker_pids(mproc_pool *pool, int64_t *ret_pids, size_t capacity);

/* ---- Functions ---- */

/** How long something took that happened count times. A percentile is the least time that so many in a hundred did not
 * exceed (the nearest rank), as the histogram knows it: never less than it was, and at most an eighth of it more. The
 * rest is exact. All is 0 while count is. */
typedef struct mproc_time_stats {
    uint64_t count;
    int64_t total_ns, min_ns, max_ns;
    int64_t p50_ns, p90_ns, p99_ns, p999_ns;
} mproc_time_stats;

/** What a pool's tasks of one function have done.
 *
 * One function is one address. The name is that of the call whose task ended first. After 256 of them all others have
 * one entry together, the last, without a name and place. */
typedef struct mproc_function_stats {
    char function[MPROC_STATS_NAME_BYTES]; /**< as mproc_outcome.function */
    char where[MPROC_STATS_PLACE_BYTES];   /**< as mproc_outcome.where */
    uint64_t succeeded;                    /**< tasks; a map counts 1, here and below */
    uint64_t failed;
    uint64_t cancelled;
    uint64_t died;         /**< attempts that ended with their worker, whatever came of the task */
    uint64_t retried;      /**< of these, those that were made again */
    uint64_t chunks;       /**< of maps, that were run to their end */
    uint64_t items;        /**< of maps, as in mproc_pool_stats */
    mproc_time_stats run;  /**< of calls that returned, failed or not, and of chunks that did: divided by items its
                              total is the mean of a map's item */
    mproc_time_stats wait; /**< of calls that returned; not of chunks, which are made when there is room for them */
    int64_t queued_ns;     /**< the part of wait.total_ns before they were handed to a worker */
    int64_t copy_ns;       /**< in all, of what run counts */
    int64_t return_ns;     /**< the same */
} mproc_function_stats;

MPROC_API int mproc_pool_get_function_stats_(mproc_pool *pool, mproc_function_stats *ret_functions,
                                             size_t function_size, size_t capacity, mproc_pool_stats *ret_totals,
                                             size_t totals_size);

/** What the tasks of each function have done, in the order in which their first tasks ended. A function keeps its
 * index. Of the totals succeeded, failed, cancelled, retried, chunks, items and busy_ns (here run.total_ns) are the
 * sums of the functions'. Tasks that are under way are in none.
 *
 * ret_functions: room for capacity; as many as fit are written. NULL if capacity is 0.
 * ret_totals: NULL, or the figures of mproc_pool_get_stats, of the same moment.
 * Returns: how many functions there are, at most 257; MPROC_E_INVALID for NULL with a capacity; MPROC_E_STATE without
 *     .statistics; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
static inline int mproc_pool_get_function_stats(mproc_pool *pool, mproc_function_stats *ret_functions, size_t capacity,
                                                mproc_pool_stats *ret_totals)
{
    return mproc_pool_get_function_stats_(pool, ret_functions, sizeof *ret_functions, capacity, ret_totals,
                                          sizeof *ret_totals);
}

/** Which of a function's times. */
typedef enum mproc_stats_time { MPROC_TIME_RUN = 1, MPROC_TIME_WAIT = 2 } mproc_stats_time;

/** Times that were from_ns to to_ns long, both included. Below 16 ns there is a cell for each number; above, every
 * power of two has eight of the same width, up to 2^63 - 1. */
typedef struct mproc_histogram_cell {
    int64_t from_ns, to_ns;
    uint64_t count;
} mproc_histogram_cell;

/** How the times of a function are distributed: all that its percentiles are taken from.
 *
 * index: of the function, as mproc_pool_get_function_stats counts them.
 * ret_cells: room for capacity cells; those that are not empty are written in order, as many as fit; there are at most
 *     488. NULL if capacity is 0.
 * Returns: how many are not empty; MPROC_E_RANGE for an index beyond the last; MPROC_E_INVALID for another time, or
 *     NULL with a capacity; MPROC_E_STATE without .statistics; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
MPROC_API int mproc_pool_get_histogram(mproc_pool *pool, size_t index, mproc_stats_time which,
                                       mproc_histogram_cell *ret_cells, size_t capacity);

/* ---- Tasks ---- */

/** A task, or chunk of a map, that took long. */
typedef struct mproc_slow_task {
    char function[MPROC_STATS_NAME_BYTES]; /**< as mproc_outcome.function */
    char where[MPROC_STATS_PLACE_BYTES];   /**< as mproc_outcome.where */
    uint64_t id;                           /**< its number, as mproc_task_get_id and mproc_outcome.id say it */
    int64_t item;                          /**< as in mproc_worker_stats */
    uint64_t items;                        /**< the same */
    int64_t worker;                        /**< the place of the worker that ran it */
    int64_t pid;                           /**< and its pid */
    int64_t attempt;                       /**< which one it was, from 1 */
    int64_t code;                          /**< 0, or the negative number that it returned */
    int64_t run_ns;                        /**< as mproc_outcome.run_ns */
    int64_t wait_ns;                       /**< as mproc_outcome.wait_ns; 0 of a chunk */
    int64_t ended_ns;                      /**< how long ago it ended */
} mproc_slow_task;

/** How many are kept. */
#define MPROC_SLOWEST_TASKS 5

MPROC_API int mproc_pool_get_slowest_(mproc_pool *pool, mproc_slow_task *ret_tasks, size_t task_size, size_t capacity);

/** The tasks that took longest to run, of all that returned since the pool was made, the slowest first; of equal ones
 * that which ended first.
 *
 * ret_tasks: room for capacity; as many as fit are written. NULL if capacity is 0.
 * Returns: how many there are, at most MPROC_SLOWEST_TASKS; MPROC_E_INVALID for NULL with a capacity; MPROC_E_STATE
 *     without .statistics; MPROC_E_WRONG_PROCESS.
 * Blocks: never. Threads: any. Fork: the creator only.
 * Since: 0.2
 */
static inline int mproc_pool_get_slowest(mproc_pool *pool, mproc_slow_task *ret_tasks, size_t capacity)
{
    return mproc_pool_get_slowest_(pool, ret_tasks, sizeof *ret_tasks, capacity);
}

#ifdef __cplusplus
}
#endif
#endif
