/* A pool from the inside: what pool.c, link.c, feed.c, supervisor.c, submit.c, map.c, imap.c, result.c and callback.c
 * share. All of it is private memory of the parent and guarded by mproc_pool.lock, unless a comment says otherwise.
 */
#ifndef MPROC_POOL_POOL_TYPES_H
#define MPROC_POOL_POOL_TYPES_H

#include "base/deadline.h"
#include "base/ready.h"
#include "pool/ring.h"
#include "process/child.h"
/* The macros of the same names record call sites of the program's, not of the library's own calls. */
#define MPROC_NO_CALL_SITES
#include <mproc/pool.h>

/* ---- Tasks ---- */

enum job_state {
    JOB_FREE = 0,
    JOB_PENDING = 1, /**< in the pool's queue, or a map or batch that is under way */
    JOB_SENT = 2,    /**< in a worker's ring */
    JOB_DONE = 3
};

enum job_kind {
    JOB_KIND_CALL = 1,  /**< one function call */
    JOB_KIND_CHUNK = 2, /**< some items of a map */
    JOB_KIND_MAP = 3,   /**< a map, which makes its chunks when there is room for them */
    JOB_KIND_BATCH = 4  /**< the calls of a map_results or starmap */
};

/** A task's argument has no more. */
#define ARGUMENT_MAX ((size_t)1 << 30)

/** What only failed tasks have. */
struct failure {
    char message[RING_MESSAGE_BYTES];
    int64_t exit_code;
};

/** Items that share a fate: one that failed, or several that never ran. */
struct item_failure {
    size_t item, count;
    int code;
    int64_t pid, exit_code;
    int worker;
    char message[RING_INLINE_BYTES];
};

/** The many of a map, starmap or map_results. */
struct batch {
    size_t count;
    size_t remaining;   /**< items not yet finished */
    struct job **items; /**< JOB_KIND_BATCH */
    /* JOB_KIND_MAP: */
    const unsigned char *in;
    unsigned char *out;
    size_t in_size, out_size;
    size_t next;                   /**< first item that no chunk has been made for */
    int64_t chunk_size;            /**< asked for, or 0 */
    int64_t item_ns;               /**< measured time per item, or -1 */
    struct item_failure *failures; /**< sorted by item when done */
    size_t failure_count, failure_capacity;
    bool failures_lost; /**< no memory to keep one */
};

struct callback {
    mproc_done_fn *on_done, *on_error;
    void *user;
    struct callback *next;
};

struct job {
    _Atomic uint32_t state; /**< DONE is stored with release after the outcome: readers need no lock */
    uint32_t index;         /**< in the table */
    _Atomic uint32_t generation;
    uint8_t kind;
    bool owned;           /**< somebody holds the result handle, or an iterator or batch holds the task */
    bool callback_queued; /**< in the callback queue, or being called */
    bool in_iter;         /**< part of an imap, also when that has let go */
    bool callback_ran;    /**< the callback given at submission has run */
    bool argument_on_heap;
    bool value_on_heap;
    uint16_t attempt;
    uint16_t retries;
    _Atomic int code;            /**< stored after failure; a failing callback may still change it */
    struct job *next, *previous; /**< pending queue; next: free list, callback queue */
    mproc_pool *pool;
    const char *site; /**< "TEXT\0FILE:LINE", or NULL */
    any_function *function;
    struct function_ref ref;
    uint64_t number;
    uint64_t completed; /**< order of completion in the process */
    struct job *group;  /**< the map or batch it is part of, or NULL */
    size_t item;        /**< its index there, or in an imap; of a chunk the first */
    size_t item_count;  /**< of a chunk */
    const void *argument;
    size_t argument_size;
    const void *value;
    size_t value_size;
    int64_t submitted_ns, wait_ns, run_ns;
    int64_t pid;
    int worker;        /**< -1 before it was sent */
    uint32_t position; /**< in that worker's ring while SENT */
    struct failure *failure;
    struct batch *batch;     /**< JOB_KIND_MAP, JOB_KIND_BATCH */
    struct mproc_iter *iter; /**< the imap it belongs to */
    size_t iter_slot;
    struct callback callback;        /**< the callbacks given at submission */
    struct callback *more_callbacks; /**< those added later */
    /* The argument while it is small, then the value while that is. */
    alignas(max_align_t) unsigned char small[RING_INLINE_BYTES];
};

struct job_list {
    struct job *head, *tail;
};

/* ---- Workers as the parent sees them ---- */

enum link_state {
    LINK_NONE = 0, /**< no process */
    LINK_STARTING = 1,
    LINK_READY = 2,
    LINK_LEAVING = 3 /**< told to exit, or killed */
};

/** What a map's chunk may take of a stream, unless one item alone is larger: several chunks fit at a time. */
#define MAP_CHUNK_BYTES (RING_STREAM_BYTES / 4)

struct deferred_free {
    struct child_segment segment;
    struct deferred_free *next;
};

struct worker_link {
    mproc_pool *pool;
    int index;
    enum link_state state;
    struct child_segment segment;
    struct worker_area *area;
    platform_process *process;
    int64_t pid;
    int64_t deadline; /**< of its start or its exit; then it is killed */
    bool expected;    /**< its end is in order */
    bool ended;       /**< killed, since the pool is terminated or broken */
    bool nonsense;    /**< its rings made no sense: read no more */
    bool kill_wanted;
    bool slow;                  /**< runs a task that takes longer than others: gets no more before it ends */
    bool touched;               /**< published to since the last kick */
    uint32_t submitted;         /**< next submit position */
    uint32_t tail;              /**< positions before it may be written again */
    uint32_t complete_position; /**< next completion cell */
    uint32_t in_flight;         /**< tasks in the ring that are neither done nor recalled */
    uint32_t argument_head, argument_tail, result_tail;
    uint64_t given;      /**< tasks sent to this process */
    struct job *passing; /**< its argument passes through the stream in parts */
    size_t passed;
    unsigned char *partial; /**< a value that arrives in parts */
    size_t partial_size, partial_capacity;
    uint32_t failed_count;                     /**< items of the chunk under way that have failed */
    uint8_t failed_items[MAP_CHUNK_BYTES / 8]; /**< which: one bit each */
    struct job *jobs[RING_SUBMIT_CELLS];
    uint32_t argument_end[RING_SUBMIT_CELLS];
    /* Written by the exit callback on the watcher thread; how is read after exited was loaded with acquire. */
    platform_exit how;
    _Atomic bool exited;
};

/* ---- Pools ---- */

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

/* ---- task_table.c ---- */

/** A task for the pool, zeroed but for its place; takes a reference on the pool. NULL without memory. */
struct job *mproc__job_new(mproc_pool *pool);

/** Gives a task back; every handle to it is stale from now on. This may have been the last reference to the pool:
 * unlock it with mproc__pool_unlock. */
void mproc__job_free(struct job *job);

/** Handle and task. find returns NULL and the error MPROC_E_STALE in ret_code. No lock. */
mproc_result *mproc__job_handle(const struct job *job);
struct job *mproc__job_find(const mproc_result *result, int *ret_code);

/** In a forked child, before it has other threads: the parent's tasks are forgotten, and so is who held the lock. */
void mproc__task_table_adopt(void);

/** Returns a whole free list when its pool goes. */
void mproc__job_table_return(struct job *list);

/** Copies the argument into the task. 0 or MPROC_E_NO_MEMORY. */
int mproc__job_set_argument(struct job *job, const void *data, size_t size);
void mproc__job_drop_argument(struct job *job);

/** Writes the outcome of a task that is done. */
void mproc__job_outcome(const struct job *job, mproc_outcome *ret_outcome);

/* ---- queue ---- */
void mproc__job_list_push(struct job_list *queue, struct job *job);
void mproc__job_list_push_front(struct job_list *queue, struct job *job);
void mproc__job_list_remove(struct job_list *queue, struct job *job);

/* ---- finish.c ---- */

/** Ends a task: sets its code and, for a failure, its message; tells group, callbacks and waiters; frees it if nobody
 * holds it. */
void mproc__job_finish(struct job *job, int code, const char *message, int64_t exit_code);

/** Notes the failure of items; they still have to be counted as finished. link: whose worker failed it, or NULL. */
void mproc__map_failed(struct job *map, const struct item_failure *failure, const char *message);
/** So many items have ended, one way or the other. */
void mproc__map_items_finished(struct job *map, size_t count);

/* ---- link.c: one worker's rings, the parent's side ---- */

/** Whether the worker can take this task now, with at most depth in flight. */
bool mproc__link_has_room(struct worker_link *link, const struct job *job, uint32_t depth);
/** PUBLISH: writes the task into the ring. The caller has asked for room. Kick afterwards. */
void mproc__link_send(struct worker_link *link, struct job *job);
void mproc__link_send_exit(struct worker_link *link);
/** KICK: wakes the worker if it sleeps and was sent something. */
void mproc__link_kick(struct worker_link *link);
/** Takes what the worker has published; returns how many cells. */
unsigned mproc__link_drain(struct worker_link *link);
/** Whether the worker has stepped past cells that count as used here: between COMPLETE and PASS the task is done, and
 * its cell and the stream are not yet free. */
bool mproc__link_has_passed(const struct worker_link *link);
/** Whether the worker sleeps and cannot go on without us. */
bool mproc__link_needs(const struct worker_link *link);
/** Whether a completion waits. */
bool mproc__link_has_news(const struct worker_link *link);
/** The word that will hold ret_stamp when the next completion is published. */
const _Atomic uint32_t *mproc__link_watch(const struct worker_link *link, uint32_t *ret_stamp);
/** RECALL: takes back a task that has not started; false if it has. */
bool mproc__link_recall(struct worker_link *link, struct job *job);
/** Takes back the task sent last, if it has not started; NULL otherwise. */
struct job *mproc__link_recall_last(struct worker_link *link);
/** How the worker ended, in words. */
void mproc__link_death_text(const struct worker_link *link, char *ret_text, size_t capacity);
/** REAP: after the worker's death. */
void mproc__link_reap(struct worker_link *link);
/** A link without a process. */
void mproc__link_init(struct worker_link *link, mproc_pool *pool, int index);
/** Forgets rings and process. The segment stays mapped while a user thread may be looking at it. */
void mproc__link_reset(struct worker_link *link);
void mproc__deferred_free_clear(mproc_pool *pool);

/* ---- feed.c: which task goes where ---- */

/** Drains every worker, buries the dead, sends what can be sent; returns whether anything happened. */
bool mproc__pool_service(mproc_pool *pool);
void mproc__pool_feed(mproc_pool *pool);
/** Moves unstarted tasks from loaded workers to idle ones. */
void mproc__pool_rebalance(mproc_pool *pool);
/** Waits, leading or following, until done(argument) or the deadline. Lock held, released meanwhile. */
int mproc__pool_wait(mproc_pool *pool, bool (*done)(void *argument), void *argument, int64_t deadline_ns);
/** A task has ended: user threads that wait look again. Lock held. */
void mproc__bell_tell_waiters(mproc_pool *pool);
/** Something has changed that whoever watches must see. No lock needed. */
void mproc__bell_wake_all(mproc_pool *pool);
/** The supervisor has to look, if it is not to be left asleep: tasks are there, or callbacks wait for completions. */
void mproc__bell_demand(mproc_pool *pool);
/** Sets where each worker's next ring is due. */
void mproc__pool_set_thresholds(mproc_pool *pool);
/** Whether service would find something. Lock held. */
bool mproc__pool_has_news(mproc_pool *pool);

/* ---- map.c ---- */

/** The next chunk of a map, sized for the time its items take; NULL without memory. Removes the map from the queue with
 * its last chunk. */
struct job *mproc__map_next_chunk(struct job *map);

/* ---- imap.c ---- */

/** A task of an imap is done. */
void mproc__iter_job_done(struct job *job);

/* ---- supervisor.c ---- */
void mproc__supervisor_main(void *pool);
/** Starts a process for the link. No lock needed: the link is STARTING and has no process, which keeps others off it.
 */
int mproc__link_start(struct worker_link *link, platform_process **ret_process);
/** Makes it known. Lock held, or nobody else there yet. */
void mproc__link_started(struct worker_link *link, platform_process *process);
/** Whether a worker that is missing has to be replaced. */
bool mproc__pool_needs_workers(const mproc_pool *pool);
/** Counts an unexpected end against the restart limit. */
void mproc__pool_note_death(mproc_pool *pool, const char *what);

/* ---- result.c ---- */

/** The holder lets go of the task. Lock held. */
void mproc__result_release(struct job *job);
/** Cancels one task that has not started, chunk or call. Lock held. */
bool mproc__job_cancel(struct job *job);
bool mproc__job_is_done(const struct job *job);

/* ---- pool.c ---- */

/** Where the rings of pools made from now on begin: for tests of wrap-around. */
extern uint32_t mproc__pool_first_position;

/** 0, or MPROC_E_WRONG_PROCESS / MPROC_E_INVALID. */
int mproc__pool_check(const mproc_pool *pool);
/** 0 if tasks may be submitted. Lock held. */
int mproc__pool_open_check(mproc_pool *pool);
void mproc__pool_break(mproc_pool *pool, int code, const char *text);
/** Ends every task that is not done. */
void mproc__pool_fail_all(mproc_pool *pool, int code, const char *text);
void mproc__pool_unlock(mproc_pool *pool); /**< frees the pool if that was the last reference */

/* ---- submit.c ---- */
/** A task for the function, its reference found; NULL with the error in ret_code. Lock held, here and below. */
struct job *mproc__job_prepare(mproc_pool *pool, any_function *function, const char *site, int *ret_code);
/** Hands a prepared task to the pool. */
void mproc__job_submit(struct job *job);
/** The call site recorded last by this thread, once. */
const char *mproc__take_site(void);

/* ---- callback.c ---- */
void mproc__callback_queue(struct job *job);
void mproc__callback_main(void *pool);
int mproc__callback_start(mproc_pool *pool);

#endif
