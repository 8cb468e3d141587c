/* Pools: workers that run tasks, and the parent's account of both.
 *
 * Lives here: the jobs of a process and how they come in, wait, are sent, end and are told of; the workers of a pool,
 * how they are started, watched, reaped and replaced; the rings between the two, with both their sides; the bells;
 * maps, iterators, callbacks and futures, which are made of jobs.
 *
 * May use: the process floor, which starts workers; the family segment, where the bells and large payloads lie;
 * messages, which arguments are made of and values become; the port.
 *
 * Must not know: the locks, queues and pipes of the program, who serves or records what happens here, and, but for
 * link*.c, how a worker is reached.
 *
 * All of it is private memory of the parent and guarded by mproc_pool.lock, unless a comment says otherwise; what
 * workers see as well stands in *_layout.h. From below: a job and its lists and tables; the pool's state, bells and
 * callbacks; finish and map_items, how jobs end; link, flight, collect, how they go out and what comes back; end,
 * schedule, staff, service, what is done with all of them; await and supervisor, who does it; and on top what the
 * program calls. serve.c is the other side, and worker.c its role in another process.
 */
#ifndef MPROC_POOL_POOL_H
#define MPROC_POOL_POOL_H

#include "base/function.h"
#include "pool/job.h"
#include "pool/job_list.h"
#include "pool/link.h"
#include "pool/link_process.h"
#include "pool/note_gate.h"
#include "pool/pool_layout.h"
#include "pool/verdict.h"
#include "pool/worker_account.h"
#include "pool/worker_outfit.h"
#include "pool/worker_set.h"
#include "process/boot_layout.h"
#include "process/task.h"

/* ---- Workers ---- */

enum worker_state {
    WORKER_NONE = 0,     /**< there is none; link is NULL */
    WORKER_STARTING = 1, /**< link is NULL while a thread starts it without the lock */
    WORKER_READY = 2,
    WORKER_LEAVING = 3, /**< told to exit */
    WORKER_ALONE = 4    /**< READY, but for one job with handles, beside which it gets none */
};

/** What a death's text may say of where it was. */
#define WORKER_FAULT_BYTES 160

/** The clock of the task that a worker runs. It is about one of the tasks that it was sent, by its number from 1 on, so
 * that none of what is set here ever meets the next. */
struct task_clock {
    uint64_t task;                 /**< which; 0: none yet */
    int64_t begun;                 /**< on platform_now_ns; 0: it was not seen to have begun */
    int64_t due;                   /**< when it is to be looked at, or what comes next is to be done to it */
    bool asked;                    /**< to end: what comes next is the kill, */
    const struct verdict *verdict; /**< for this */
};

/** What the system said of a worker when it was last asked, for those who watch. */
struct worker_usage {
    uint64_t cpu_ns;
    size_t memory, memory_peak;
    bool is_stopped;
};

/** The pool's account of a worker, by index: one after the other may come to live in it. It stays where it is while it
 * has one, whatever becomes of the others. */
struct worker {
    mproc_pool *pool;
    int index;
    enum worker_state state;
    struct link *link;
    int64_t pid;
    int64_t start_deadline;         /**< STARTING: then it is killed, and the pool broken */
    int64_t exit_deadline;          /**< LEAVING: then it is killed */
    int64_t retry_at;               /**< NONE: when to try again to start one */
    const struct verdict *verdict;  /**< why it is to end, or has ended */
    char reason[96];                /**< of a verdict about a limit: which and how much */
    bool is_examined;               /**< it died before it was ready, and this is known: */
    char fault[WORKER_FAULT_BYTES]; /**< where in its code, or "" */
    struct task_clock clock;
    bool killed;
    bool is_retiring;      /**< gets nothing more, and is to exit after the task that it runs */
    bool mute;             /**< what it still says is not heard */
    bool slow;             /**< runs a task that takes longer than others, or has not begun: gets no more before that */
    uint32_t in_flight;    /**< jobs that it has */
    struct job_list jobs;  /**< these, in the order in which they were sent */
    uint64_t given;        /**< tasks sent to this life of it */
    uint64_t done_at_look; /**< of these, when it was last looked at for being stopped */
    bool told_stopped;     /**< the log has told that it is */
    int64_t idle_since;    /**< when it was first seen without a task, after that many were given; 0: it had one */
    uint64_t idle_given;
    uint64_t unbegun;      /**< which of these, from 1 on, it was last found not to have begun, */
    int64_t unbegun_since; /**< and when that was first seen */
    struct worker_account account;
    struct worker_usage usage;
    uint32_t failed_count;                     /**< items of the chunk under way that have failed */
    uint8_t failed_items[MAP_CHUNK_BYTES / 8]; /**< which: one bit each */
};

/* ---- Pools ---- */

/** The highest limit of restarts that is one. */
#define POOL_RESTARTS_MAX 65536

enum pool_phase { POOL_OPEN = 0, POOL_CLOSED = 1, POOL_TERMINATED = 2, POOL_BROKEN = 3 };

struct mproc_pool {
    platform_mutex lock;
    platform_condition changed; /**< for waiters that do not lead, and for join */
    int followers;
    int watchers;          /**< threads in mproc_wait_any: tasks that end change the activity word */
    bool leading;          /**< a user thread watches the user bell */
    bool supervisor_idle;  /**< the supervisor sleeps without a time limit */
    uint64_t attended;     /**< counts the looks of user threads */
    struct link *deferred; /**< links of dead workers that a spinning user thread may still look at */
    _Atomic bool news;     /**< a worker has exited; set without the lock */
    enum pool_phase phase;
    int broken_code;
    char broken_text[FAILURE_MESSAGE_BYTES];
    struct remains *broken_remains; /**< of the worker whose death broke it; or NULL */
    bool done;                      /**< closed or terminated, and all workers have ended */
    bool freed;                     /**< only results live on */

    mproc_pool_options options; /**< with the defaults filled in */
    struct job_terms terms;     /**< of a task that has no options */
    char name[CHILD_NAME_MAX];
    void *initializer_argument;
    char *crash_directory; /**< where tasks are saved, or NULL */
    struct outfit_copies outfit;
    struct function_ref exit_hook, describe;
    uint32_t epoch;
    int cpus; /**< known once the first workers are being made: see state.h */
    int64_t spin_ns;
    uint32_t first_position; /**< of the rings; tests of wrap-around choose it */

    const struct link_ops *ops; /**< of what kind its workers are */
    struct worker **workers;    /**< by index; pool_worker is the way to them */
    int worker_count;           /**< places; more than options.workers while surplus workers are leaving */
    int present;                /**< workers with a place, but for those that are LEAVING */
    int target;                 /**< how many are to be present now, from min_workers to workers */
    int retiring;               /**< workers that are to exit after the task that they run */
    int additional;             /**< how many of the missing replace none that has been there */
    int64_t waiting_since;      /**< tasks have waited, at every look; 0: at the last none did */
    bool default_restarts;      /**< max_restarts goes with the number of workers */
    struct worker_set starting; /**< those that started later than with the pool, and are not READY */
    struct worker_set engaged;  /**< those that have jobs */
    struct worker_set touched;  /**< those that were sent to since their last kick */
    struct worker_set stalled;  /**< those from which all was taken back, and that have not come to see it */
    struct worker_set crowded;  /**< those that had no room for a job that waits, when they were asked last */
    struct process_source processes;
    uint64_t shared_id[2];
    struct pool_shared *shared;
    int64_t *death_times; /**< within the restart window; more than max_restarts break the pool. Room for
                             POOL_RESTARTS_MAX at most: a higher limit is none, and no time is noted */
    int death_count;

    /* The function of the last job, if its reference can be remembered: many have the same. */
    any_function *last_function;
    struct function_ref last_ref;
    struct job_list pending;
    size_t pending_count;             /**< calls and chunks in it; a map counts 1 */
    bool is_ranked;                   /**< priorities are in use, and where each of them ends is kept */
    bool is_paused;                   /**< nothing is handed out */
    struct job *first_map, *last_map; /**< of the maps and batches that are under way: map_list.h */
    uint64_t next_number;
    uint64_t outstanding;  /**< tasks of every kind that are not done */
    uint64_t with_handles; /**< of these, those that have handles */
    uint32_t in_flight;
    int64_t mean_ns;        /**< of recent tasks; -1 before the first */
    int64_t woken_at;       /**< when a thread that leads was woken last, by platform_now_ns */
    uint8_t comebacks;      /**< how often in a row one has come back at once after that, as far as it counts */
    uint32_t since_service; /**< submissions since somebody looked */

    int64_t look_at;         /**< when to look for stopped workers */
    int64_t measure_at;      /**< when to measure the workers' memory */
    int64_t supervised_till; /**< when the supervisor, which sleeps, will look by itself; 0: it does not sleep */
    platform_thread *supervisor;
    bool supervisor_stop;

    platform_thread *callback_thread; /**< the callback thread */
    bool callback_stop;
    bool callback_runs; /**< a callback runs, here or in mproc_pool_dispatch */
    uint64_t callback_runs_on;
    uint64_t callbacks_outstanding; /**< tasks with callbacks that have not been called */
    struct job_list callbacks;
    platform_condition callbacks_changed;
    platform_handle callback_event; /**< mproc_pool_get_callback_handle, or PLATFORM_NO_HANDLE */

    uint32_t number;                  /**< of all pools that this process has made, from 1 */
    struct function_names *functions; /**< as those know them who watch; NULL before the first */
    uint32_t functions_told;          /**< the highest number of these that they were told of */
    struct outputs *outputs;          /**< what workers write to stderr; NULL: that does not pass here */
    struct obituaries *obituaries;    /**< the last deaths of workers, for them; NULL before the first */
    struct failed_tasks *failed;      /**< that they may have tried again; NULL before the first */
    int next_measured;                /**< the worker whose usage is asked for next */
    int places_told;                  /**< of how many workers' places the last look told */
    mproc_pool *next_running;         /**< of the pools of this process, under a lock of running.c's */

    struct job *free_jobs;
    uint32_t slabs;      /**< of the job table, which are this pool's: the number of the first */
    uint32_t ready_jobs; /**< so many of that one's were made ready; of all others, all */
    uint32_t generation; /**< the highest of its jobs' handles */
    uint64_t references; /**< 1 for the pool's owner, 1 for each task in use and each iterator */

    int64_t created, ticks; /**< by platform_ticks: when it was made; when somebody last looked, or submitted */
    uint32_t listeners;     /**< how many note what happens to tasks, see notes.h */
    struct note_gate gates[NOTE_GATES];
    struct accounts *accounts;       /**< by function; NULL if nobody asked for them */
    struct trace *trace;             /**< what happens, while somebody watches; else NULL */
    int64_t looked_ticks, looked_ns; /**< one moment by both clocks, for the times that looks tell; 0: none yet */
    mproc_pool_stats stats;          /**< what is counted; all else is found when somebody asks */

    /* Of a ranked queue, see pending.h: which priorities are in it, a bit each from JOB_PRIORITY_MIN on, and the last
     * job of each. */
    uint64_t ranks;
    struct job *last_of_rank[JOB_PRIORITY_MAX - JOB_PRIORITY_MIN + 1];
};

/** Which of the tasks that it was sent the worker runs, from 1 on: all before it have ended. */
static inline uint64_t worker_head_number(const struct worker *worker)
{
    return worker->given - worker->in_flight + 1;
}

static inline struct worker *pool_worker(const mproc_pool *pool, int index)
{
    return pool->workers[index];
}

/** Whether somebody is to hear of completions who does not come for them: who is called back or waits for a mix of
 * things, or, at the other end of a task's handle, for its being closed. */
static inline bool pool_announces(const mproc_pool *pool)
{
    return (pool->callbacks_outstanding | pool->with_handles | (uint64_t)pool->watchers) != 0;
}

/** Whether it has started, and was not told to exit. */
static inline bool worker_is_up(const struct worker *worker)
{
    return worker->state == WORKER_READY || worker->state == WORKER_ALONE;
}

/** The first worker in the set whose index is at least from, or NULL. */
static inline struct worker *pool_next(const mproc_pool *pool, const struct worker_set *set, int from)
{
    int index = worker_set_next(set, from, pool->worker_count);
    return index < 0 ? NULL : pool->workers[index];
}

/** Whether a worker of that index is to be there at all, in a pool of this size. */
static inline bool worker_has_place(const struct worker *worker)
{
    return worker->index < worker->pool->options.workers;
}

/** Whether it is one of those that the pool's target counts. */
static inline bool worker_is_present(const struct worker *worker)
{
    return worker->state != WORKER_NONE && worker->state != WORKER_LEAVING && worker_has_place(worker);
}

/** Every change of a worker's state goes through here. */
static inline void worker_become(struct worker *worker, enum worker_state state)
{
    worker->pool->present -= worker_is_present(worker);
    worker->state = state;
    worker->pool->present += worker_is_present(worker);
}

/** Whether join would not wait. Lock held. */
bool mproc__pool_is_over(const mproc_pool *pool);

/** Where the rings of pools made from now on begin: for tests of wrap-around. */
extern uint32_t mproc__pool_first_position;

#endif
