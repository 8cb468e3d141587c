/* A job: the parent's record of a task, of a part of a map, or of a map or batch as a whole. The task is what runs in
 * a worker; the job is what the parent knows of it. Private memory of the parent, guarded by the pool's lock unless a
 * comment says otherwise.
 */
#ifndef MPROC_POOL_JOB_H
#define MPROC_POOL_JOB_H

#include "base/base.h"
#include "base/function.h"
#include "platform.h"
#include "pool/payload.h"
#include "pool/terms.h"
#include "process/task.h"
#include <stdalign.h>

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

/** The largest item of a map. */
#define MAP_ITEM_BYTES 32768u
/** What a map's chunk may take, unless one item alone is larger. */
#define MAP_CHUNK_BYTES 16384u

struct job_handles;
struct remains;

/** A message of the pool's own says more than a task can. */
#define FAILURE_MESSAGE_BYTES 400u

/** What only failed tasks have. */
struct failure {
    char message[FAILURE_MESSAGE_BYTES];
    int64_t exit_code;
    struct remains *remains; /**< of one that died with its worker; or NULL */
};

/** Items that share a fate: one that failed, or several that never ran. */
struct item_failure {
    size_t item, count;
    int code;
    int64_t pid, exit_code;
    int worker;
    struct remains *remains; /**< as of a task */
    char message[TASK_INLINE_BYTES];
};

/** The many of a map, starmap or map_results. */
struct batch {
    size_t count;
    size_t remaining;                    /**< items not yet finished */
    size_t failed;                       /**< of these that are, those that have failed */
    size_t first_failed;                 /**< of the items, if the whole has failed */
    struct job *next_map, *previous_map; /**< of those under way: map_list.h */
    struct job **items;                  /**< JOB_KIND_BATCH */
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

/** What only some jobs have: parts of something, and what few tasks ask for. All zero unless job->has_extra. */
struct job_extra {
    struct job *group;                         /**< the map or batch it is part of, or NULL */
    void (*ended)(struct job *job);            /**< tells whoever it is part of that it is done; or NULL */
    struct job *(*next_part)(struct job *job); /**< makes the next of its parts, which is what is sent; or NULL */
    size_t item;             /**< its index in that, or in an imap; of a chunk the first of item_count */
    size_t item_count;       /**< of a chunk */
    struct mproc_iter *iter; /**< the imap it belongs to */
    size_t iter_slot;
    struct task_terms terms;
    uint64_t span;       /**< the argument's, then the value's, of which there is one at a time */
    struct batch *batch; /**< JOB_KIND_MAP, JOB_KIND_BATCH */
    struct failure *failure;
    struct callback *callbacks;  /**< still to be called */
    struct job_handles *handles; /**< that its task may take: it goes to a worker that has nothing else; or NULL */
};

/** In the order of its use: with a small argument and a small value a task touches the first three cache lines. */
struct job {
    alignas(64) _Atomic uint32_t state; /**< DONE is stored with release after the outcome: readers need no lock */
    uint32_t index;                     /**< in the table */
    _Atomic uint32_t generation;
    uint8_t kind;
    bool has_extra;         /**< something in extra may be other than zero */
    bool owned;             /**< somebody holds the result handle, or an iterator or batch holds the task */
    bool callback_queued;   /**< in the callback queue, or being called */
    bool in_iter;           /**< part of an imap, also when that has let go */
    uint8_t argument_place; /**< enum place */
    uint8_t value_place;
    int8_t priority;
    uint16_t attempt, retries; /**< retries: how often it may be tried again */
    /* Parts of its time, as span_code has them. */
    uint16_t queued, copied, returned;
    bool is_listed;              /**< who watches was told of it while it waited: look_queue.h */
    _Atomic int code;            /**< stored after failure; a failing callback may still change it */
    uint32_t position;           /**< the link's, while SENT */
    struct job *next, *previous; /**< in the list it is in: pending, in flight, of callbacks, ready; next: free list */
    const void *argument;
    size_t argument_size;
    const void *value;
    size_t value_size;
    mproc_pool *pool;
    uint64_t number;
    struct function_ref ref;
    int64_t submitted; /**< by platform_ticks */
    int64_t wait_ns, run_ns;
    any_function *function;
    const char *site;   /**< "TEXT\0FILE:LINE", or NULL */
    uint64_t completed; /**< order of completion in the process */
    uint32_t pid;       /**< no system has larger ones */
    int worker;         /**< -1 before it was sent */
    /* The argument while it is small, then the value while that is. */
    alignas(max_align_t) unsigned char small[TASK_INLINE_BYTES];
    struct job_extra extra; /**< to be read; written by way of job_extra */
};

_Static_assert(offsetof(struct job, small) == 176, "a small argument or value ends in the third cache line");

/** Has the lines of it that every task touches on their way, for who takes it next; a hint. Nothing of NULL. */
static inline void job_prefetch(const struct job *job)
{
    if (job == NULL)
        return;
    platform_prefetch_write(&job->state);
    platform_prefetch_write(&job->argument_size);
    platform_prefetch_write(&job->function);
}

/** Where a job's extras are written. */
static inline struct job_extra *job_extra(struct job *job)
{
    job->has_extra = true;
    return &job->extra;
}

/** What a job that is about to be sent may have of that. */
static inline struct job_handles *job_handles(const struct job *job)
{
    return unlikely(job->has_extra) ? job->extra.handles : NULL;
}

static inline void job_set_task_terms(struct job *job, struct task_terms terms)
{
    if (task_has_terms(&terms))
        job_extra(job)->terms = terms;
}

/** The terms that a job has, and giving it such. */
static inline struct job_terms job_terms(const struct job *job)
{
    return (struct job_terms){ job->extra.terms, job->retries, job->priority };
}

static inline void job_set_terms(struct job *job, struct job_terms terms)
{
    job->retries = terms.retries;
    job->priority = terms.priority;
    job_set_task_terms(job, terms.task);
}

/** Every change of a job's state goes through here. order: what is to be seen by whoever sees the state without the
 * lock. */
static inline void job_move(struct job *job, enum job_state state, memory_order order)
{
    atomic_store_explicit(&job->state, state, order);
}

/** Makes it a part of a map or batch: it runs the same function under the same terms. */
void mproc__job_set_group(struct job *job, struct job *group);

/** Makes the payload the task's argument. */
void mproc__job_give_argument(struct job *job, const struct payload *argument);
/** The same with a copy of it. 0 or MPROC_E_NO_MEMORY. */
int mproc__job_set_argument(struct job *job, const void *data, size_t size);
/** The argument of a call, or of a chunk's item with that index. */
mproc_view mproc__job_argument(const struct job *job, size_t index);
/** Of an argument that does not lie in the job: job_drop_argument. */
void mproc__job_free_argument(struct job *job);

static inline void job_drop_argument(struct job *job)
{
    if (unlikely(job->argument_place != PLACE_JOB))
        mproc__job_free_argument(job);
    job->argument = NULL;
}

/** Keeps a value that came from a worker. The argument was dropped before. 0 or MPROC_E_NO_MEMORY. */
int mproc__job_keep_value(struct job *job, const struct payload *value);
/** The value, wherever it lies. */
struct payload mproc__job_value(const struct job *job);

/** Writes the outcome of a task that is done, and that nobody frees meanwhile. May take seconds, for the stack of a
 * worker: not under the lock. */
void mproc__job_outcome(const struct job *job, mproc_outcome *ret_outcome);
bool mproc__job_is_done(const struct job *job);

/** See mproc_outcome.function. */
const char *mproc__job_function_name(const struct job *job);
/** The same as far as the call says it: "" if it does not, and only the symbol table may. */
void mproc__site_function(const char *site, char *ret_text, size_t capacity);
/** Which item it is of what it is part of, or the first of them; -1 of a single task. */
int64_t mproc__job_item(const struct job *job);

#endif
