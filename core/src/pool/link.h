/* The seam between a pool and its workers: all that a pool asks of a worker, whatever the worker is. A worker is a
 * process beside this one (link_process.c) or a thread of it (link_thread.c), both reached by rings (link_ring.c); a
 * worker of another kind is one more table.
 *
 * A link is one life of a worker, from its start to its end. It carries jobs there and gives back completions, checked:
 * what a worker writes is never believed further than it can be. What they mean, who is to be killed and why, and what
 * becomes of a worker's jobs when it has died, is the pool's to decide. The pool's lock is held in all calls but start,
 * settle, await and free. The fields of a link are touched by link*.c alone.
 */
#ifndef MPROC_POOL_LINK_H
#define MPROC_POOL_LINK_H

#include "pool/job.h"
#include "process/task.h"
#include "trace/label_layout.h"

struct link;
struct annex_line;
struct crash_report;

enum completion_kind {
    COMPLETION_DONE = 1, /**< a call or chunk has ended; data is its value, its output or its message */
    COMPLETION_ITEM = 2  /**< one item of a chunk has failed, which goes on; data is its message, with a zero */
};

struct completion {
    enum completion_kind kind;
    int code; /**< 0, or negative; a chunk's is 0 */
    struct job *job;
    int64_t started, ended; /**< by platform_ticks */
    int64_t run_ns;         /**< in the function */
    uint16_t copied;        /**< between the two, with its argument and its value, as span_code has it */
    size_t item;            /**< which, within the chunk */
    const void *data;       /**< there until the next take; where it is small, all TASK_INLINE_BYTES can be read */
    size_t size;
    bool is_heap;                    /**< data is the receiver's to free */
    uint64_t span;                   /**< not 0: data lies in it, and it is the process's own, the receiver's to free */
    char message[TASK_INLINE_BYTES]; /**< of an item, what data points to */
};

/** See start in link_ops. */
#define LINK_STARTS_AHEAD PLATFORM_ASKED_AHEAD

/** What take returns if the worker wrote what cannot be. Nothing else comes of it from then on. */
#define LINK_BROKE_PROTOCOL (-1)

/** What look can see. */
enum link_sign {
    LINK_READY = 1,     /**< it has started, and takes jobs */
    LINK_COMPLETED = 2, /**< a completion waits */
    LINK_MADE_ROOM = 4, /**< there may be room where there was none */
    LINK_STUCK = 8,     /**< it sleeps, and cannot go on before take */
    LINK_ENDED = 16,    /**< it is dead, and why can be asked */
    LINK_STOPPED = 32,  /**< the system holds it, and it goes on when it is told to: a question of microseconds */
    LINK_IDLE = 64      /**< it has done, or stepped over, all that was sent */
};

/** How a worker's life began, as it says itself. */
struct link_birth {
    int64_t ready;      /**< when it was, by platform_ticks */
    int64_t init_ticks; /**< how long its initializer took */
};

/** What is known of a job that was sent and is not yet done. */
struct job_trace {
    bool started;          /**< or may have: false means that it surely has not */
    int64_t running_since; /**< by platform_ticks, as far as is known, or 0 */
    /* Of a chunk whose worker has died: */
    size_t finished;
    const unsigned char *results; /**< the output of the finished items */
};

struct link_end {
    int start_code;    /**< negative if the worker itself said why it cannot start */
    int64_t exit_code; /**< as in an outcome */
    char text[TASK_MESSAGE_BYTES];
    struct crash_report *crash; /**< what it has left of its death, the caller's to free; NULL: nobody asked for it */
};

struct link_ops {
    /** The function as its tasks carry it to a worker of this kind. 0 or MPROC_E_NO_FUNCTION. No lock is needed. */
    int (*refer)(any_function *function, struct function_ref *ret_ref);
    /** Begins to start a worker with that index. No lock, for this and settle take milliseconds; and one thread alone
     * starts workers. Errors: MPROC_E_PEER_DIED: whoever was to make it is dead, and another is made when nothing that
     * was begun is unsettled. */
    int (*start)(struct mproc_pool *pool, int index, struct link **ret_link);
    /** Waits until the system has made it, before anything else is asked of the link, or says why it has not: then the
     * link is gone. It becomes READY by itself. In the order of the starts, of which LINK_STARTS_AHEAD may be
     * unsettled. Errors: as start. */
    int (*settle)(struct link *link, int64_t *ret_pid);
    /** Waits until it is READY, or says why it will not be. No lock. */
    int (*await)(struct link *link, int64_t deadline_ns);
    /** Of one that is READY, before it is sent anything. */
    void (*birth)(const struct link *link, struct link_birth *ret_birth);

    /** Whether the job can be sent now; of a map, whether a chunk of it can that is not unusually large. */
    bool (*has_room)(struct link *link, const struct job *job);
    /** Publishes the job, for which there is room. NULL: tells the worker to end when it has done what was sent, for
     * which there is always room. Kick afterwards. */
    void (*send)(struct link *link, struct job *job);
    /** Wakes the worker if it sleeps and something was sent. */
    void (*kick)(struct link *link);
    /** Up to capacity completions, in the worker's order; 0 when there are no more, and the worker has been told what
     * was taken; or LINK_BROKE_PROTOCOL. To be repeated until it returns 0. */
    int (*take)(struct link *link, struct completion *ret_completions, int capacity);
    /** Takes back a job that has not started; false if it has. */
    bool (*recall)(struct link *link, struct job *job);
    /** Makes the handles of a job ready for the worker, which has no other job. Before send. 0, or why it cannot be
     * done, and nothing has changed. */
    int (*load)(struct link *link, const struct job *job);
    /** Takes them back: of a worker that is through with the job, has not begun it, or is dead. */
    void (*unload)(struct link *link);
    /** The span of an argument that the worker may still read, though its job has ended: freed with the link. */
    void (*leave)(struct link *link, uint64_t span);

    /** Which of the signs asked for are there. */
    unsigned (*look)(const struct link *link, unsigned signs);
    void (*trace)(const struct link *link, const struct job *job, struct job_trace *ret_trace);
    /** Looks whether what is shared with the worker can still be true, and wakes it if it has jobs and may have been
     * forgotten. For who looks by the clock, after take. False: take returns LINK_BROKE_PROTOCOL. */
    bool (*check)(struct link *link);
    /** Asks for the bell when no more than that many jobs are left of those sent. Before the bell is armed. */
    void (*set_threshold)(struct link *link, uint32_t left);
    /** The word that will hold ret_awaited when the next completion is published, for those who spin without the lock;
     * or NULL. It stays mapped until free. */
    const _Atomic uint32_t *(*watch)(const struct link *link, uint32_t *ret_awaited);

    /** Writes what the job, which was sent to it, is called, as far as is known, to LABEL_BYTES; returns the
     * size, without a zero. */
    size_t (*label)(const struct link *link, const struct job *job, char *ret_text);

    /** Writes the last of what the worker has written to its standard error, as far as that goes through its pool, to
     * OUTPUT_TAIL_BYTES; of a dead one all is there. Returns the size. NULL where it never does. */
    size_t (*output_tail)(struct link *link, char *ret_text);

    /** Asks the task that the worker runs, if it still does, to end by itself; NULL: nobody is asked any more. */
    void (*ask)(struct link *link, const struct job *job);
    /** How much memory the worker has resident. 0 or an error, in mproc_last_error(). NULL where a worker has none of
     * its own. Some 10 us. */
    int (*memory)(const struct link *link, size_t *ret_bytes);
    /** How much it has had at most; as memory. Some 30 us. */
    int (*memory_peak)(const struct link *link, size_t *ret_bytes);
    /** How much time of CPUs it has used; as memory. */
    int (*cpu_time)(const struct link *link, uint64_t *ret_ns);
    /** Whether kill ends a worker at once, whatever it does. */
    bool can_kill;
    /** Ends the worker and what it has started; ENDED follows. A kind that cannot end a worker at once tells it to end
     * after its task, and ENDED follows then; what promises more is refused by its pools with MPROC_E_NOT_SUPPORTED. */
    void (*kill)(struct link *link);
    /** How it ended. starting: it has never been READY, and may have said why. ret_end is all zero before: a kind
     * that leaves no crash reports need not say so. */
    void (*why)(const struct link *link, bool starting, struct link_end *ret_end);
    /** Whether the calling thread is a worker of this pool's; NULL: it cannot be. No lock is needed. */
    bool (*is_inside)(const struct mproc_pool *pool);
    /** Forgets a worker that is ENDED, or killed: then waits for its end, for ever only if that cannot be forced. */
    void (*free)(struct link *link);
};

struct link {
    const struct link_ops *ops;
    /** Not 0 while the worker would have to be woken. A word and no operation, since whoever hands out a job asks this
     * of every worker that has none. */
    const _Atomic uint32_t *asleep;
    /** So many calls with small arguments have room at least, as far as was last looked: the link's to keep, so that
     * has_room need not be asked for each of them. */
    uint32_t room;
    /** What parts of the pool share with the worker: see annex.h. There until free. */
    struct annex_line *annexes;
    struct link *next_deferred;
};

static inline size_t link_output_tail(struct link *link, char *ret_text)
{
    return link->ops->output_tail != NULL ? link->ops->output_tail(link, ret_text) : 0;
}

static inline bool link_has_room(struct link *link, const struct job *job)
{
    bool is_small = job->kind == JOB_KIND_CALL && job->argument_place == PLACE_JOB;
    return (likely(is_small) && likely(link->room > 0)) || link->ops->has_room(link, job);
}

static inline void link_send(struct link *link, struct job *job)
{
    link->ops->send(link, job);
}

static inline void link_kick(struct link *link)
{
    link->ops->kick(link);
}

static inline bool link_is_asleep(const struct link *link)
{
    return atomic_load_explicit(link->asleep, memory_order_relaxed) != 0;
}

static inline int link_take(struct link *link, struct completion *ret_completions, int capacity)
{
    return link->ops->take(link, ret_completions, capacity);
}

static inline bool link_recall(struct link *link, struct job *job)
{
    return link->ops->recall(link, job);
}

static inline int link_load(struct link *link, const struct job *job)
{
    return link->ops->load(link, job);
}

static inline void link_unload(struct link *link)
{
    link->ops->unload(link);
}

static inline void link_leave(struct link *link, uint64_t span)
{
    link->ops->leave(link, span);
}

static inline bool link_look(const struct link *link, unsigned signs)
{
    return link->ops->look(link, signs) != 0;
}

static inline struct job_trace link_trace(const struct link *link, const struct job *job)
{
    struct job_trace trace;
    link->ops->trace(link, job, &trace);
    return trace;
}

static inline bool link_check(struct link *link)
{
    return link->ops->check(link);
}

static inline void link_set_threshold(struct link *link, uint32_t left)
{
    link->ops->set_threshold(link, left);
}

static inline const _Atomic uint32_t *link_watch(const struct link *link, uint32_t *ret_awaited)
{
    return link->ops->watch(link, ret_awaited);
}

static inline struct annex_line *link_annexes(const struct link *link)
{
    return link->annexes;
}

static inline size_t link_label(const struct link *link, const struct job *job, char *ret_text)
{
    return link->ops->label(link, job, ret_text);
}

static inline void link_ask(struct link *link, const struct job *job)
{
    link->ops->ask(link, job);
}

static inline int link_memory(const struct link *link, size_t *ret_bytes)
{
    return link->ops->memory(link, ret_bytes);
}

static inline int link_memory_peak(const struct link *link, size_t *ret_bytes)
{
    return link->ops->memory_peak(link, ret_bytes);
}

static inline int link_cpu_time(const struct link *link, uint64_t *ret_ns)
{
    return link->ops->cpu_time(link, ret_ns);
}

static inline void link_kill(struct link *link)
{
    link->ops->kill(link);
}

static inline void link_why(const struct link *link, bool starting, struct link_end *ret_end)
{
    link->ops->why(link, starting, ret_end);
}

static inline int link_settle(struct link *link, int64_t *ret_pid)
{
    return link->ops->settle(link, ret_pid);
}

static inline int link_await(struct link *link, int64_t deadline_ns)
{
    return link->ops->await(link, deadline_ns);
}

static inline struct link_birth link_birth(const struct link *link)
{
    struct link_birth birth;
    link->ops->birth(link, &birth);
    return birth;
}

void mproc__link_free(struct link *link);
/** Puts it on the list of those that are to be freed later. */
void mproc__link_defer(struct link *link, struct link **deferred);
/** Frees what was deferred, at which nobody may look any more. */
void mproc__link_free_deferred(struct link **deferred);

#endif
