/* Pools: workers that run tasks, and the parent's account of both.
 *
 * Lives here: the jobs of a process and how they come in, wait, are sent, end and are told of; the workers of a pool,
 * how they are started, watched, reaped and replaced; the rings between the two, with both their sides; the bells; maps,
 * iterators, callbacks and futures, which are made of jobs.
 *
 * May use: the process floor to start workers, words of the family segment to wake and be woken, the port. All of it is
 * private memory of the parent and guarded by mproc_pool.lock, unless a comment says otherwise; what workers see as
 * well stands in *_layout.h.
 *
 * Must not know: queues, pipes and locks of the program's, managers, who records what happens. Within the folder nobody
 * but link*.c knows how a worker is reached; the order of its files, from below, is that of this list: job, job_list,
 * job_table, state, bell, callback, finish, map_items, link, end, schedule, staff, service, await, supervisor, cancel, result,
 * submit, map, imap, futures, stats, pool. worker.c is the other side, in another process.
 */
#ifndef MPROC_POOL_POOL_H
#define MPROC_POOL_POOL_H

#include "pool/job_list.h"
#include "pool/link.h"
#include "pool/pool_layout.h"

/** The highest limit of restarts that is one. */
#define POOL_RESTARTS_MAX 65536

enum pool_phase { POOL_OPEN = 0, POOL_CLOSED = 1, POOL_TERMINATED = 2, POOL_BROKEN = 3 };

struct mproc_pool {
    platform_mutex lock;
    platform_condition changed; /**< for waiters that do not lead, and for join */
    int followers;
    bool leading;                         /**< a user thread watches the user bell */
    bool supervisor_idle;                 /**< the supervisor sleeps without a time limit */
    uint64_t attended;                    /**< counts the looks of user threads */
    struct deferred_free *deferred_frees; /**< segments of dead workers that a spinning user thread may still look at */
    _Atomic bool news;                    /**< a worker has exited; set without the lock */
    enum pool_phase phase;
    int broken_code;
    char broken_text[RING_MESSAGE_BYTES];
    bool done; /**< closed or terminated, and all workers have ended */

    mproc_pool_options options; /**< with the defaults filled in */
    mproc_start_method method;
    char name[CHILD_NAME_MAX];
    void *initializer_argument;
    char *executable;
    struct function_ref exit_hook;
    uint32_t epoch;
    int cpus;
    int64_t spin_ns;
    uint32_t first_position; /**< of the rings; tests of wrap-around choose it */

    struct worker_link *links;
    platform_template *fork_template;
    _Atomic bool template_lost;
    uint64_t shared_id[2];
    struct pool_shared *shared;
    int64_t *death_times; /**< within the restart window; more than max_restarts break the pool. Room for
                             POOL_RESTARTS_MAX at most: a higher limit is none, and no time is noted */
    int death_count;

    struct job_list pending;
    size_t pending_count; /**< calls and chunks in it; a map counts 1 */
    uint64_t next_number;
    uint64_t outstanding; /**< tasks of every kind that are not done */
    uint32_t in_flight;
    int64_t mean_ns;        /**< of recent tasks; -1 before the first */
    uint32_t since_service; /**< submissions since somebody looked */

    platform_thread *supervisor;
    bool supervisor_stop;

    platform_thread *callback_thread; /**< the callback thread */
    bool callback_stop;
    bool callback_runs; /**< a callback runs, here or in mproc_pool_dispatch */
    uint64_t callback_runs_on;
    uint64_t callbacks_outstanding; /**< tasks with callbacks that have not been called */
    struct job_list callbacks;
    platform_condition callbacks_changed;
    platform_handle callback_event; /**< mproc_pool_handle, or PLATFORM_NO_HANDLE */

    struct job *free_jobs;
    uint64_t references; /**< 1 for the pool's owner, 1 for each task in use and each iterator */

    mproc_pool_stats stats;
};

/** Where the rings of pools made from now on begin: for tests of wrap-around. */
extern uint32_t mproc__pool_first_position;

#endif
