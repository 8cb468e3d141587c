/* One worker as the parent sees it, and the parent's side of its rings. */
#ifndef MPROC_POOL_LINK_H
#define MPROC_POOL_LINK_H

#include "pool/job.h"
#include "process/child.h"

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

#endif
