/* The rings of one worker, the parent's side: what lies between the pool and a worker that can see the same memory.
 * A kind of link that uses them begins with a struct ring_link.
 */
#ifndef MPROC_POOL_LINK_RING_H
#define MPROC_POOL_LINK_RING_H

#include "pool/job.h"
#include "pool/link.h"
#include "pool/link_cargo.h"
#include "pool/ring_layout.h"

struct ring_link {
    struct link link;
    struct worker_area *area;
    bool nonsense;              /**< the rings made no sense: they are read no more */
    bool touched;               /**< published to since the last kick */
    bool leaving;               /**< EXIT is published */
    bool abandoned;             /**< nothing more is sent or taken */
    bool has_spans;             /**< arguments were left with it */
    uint32_t submitted;         /**< next submit position */
    uint32_t tail;              /**< positions before it may be written again */
    uint32_t complete_position; /**< next completion cell */
    uint32_t argument_head, argument_tail, result_tail;
    uint32_t done; /**< jobs at positions before it were completed or recalled */
    /* What must still stand in the shared memory as it was written there, or a task has scribbled over it. */
    struct worker_settings settings;
    uint64_t sleep_key;
    uint32_t told_notify_at, told_complete_tail, told_result_tail, told_argument_head, told_asked;
    /* As it was at the last check; and how often since it moved it was found asleep over work. */
    uint32_t checked_consumed, checked_complete, checked_argument;
    int overslept;
    uint64_t named_module;   /**< the library of the last job sent: in the table, if it can be */
    struct link_cargo cargo; /**< what its kind of workers needs of it is set before begin */
    struct job *passing;     /**< its argument passes through the stream in parts */
    size_t passed;
    unsigned char *partial; /**< a value that arrives in parts */
    size_t partial_size, partial_capacity;
    /* By position: which job a cell holds, NULL once it is done or recalled, and where its argument ends. */
    struct job *jobs[RING_SUBMIT_CELLS];
    uint32_t argument_end[RING_SUBMIT_CELLS];
};

/** Begins both rings of a new worker of that index, in an area that is zero but for what is its kind's in the settings.
 */
void mproc__ring_link_begin(struct ring_link *ring, struct worker_area *area, const mproc_pool *pool, int index);
/** Ends a worker that cannot be killed, when it has done what it has begun: it begins nothing more, and nobody hears
 * what it still says. */
void mproc__ring_link_abandon(struct ring_link *ring);
/** Gives back what it has, but not the area, which is looked at. The worker has ended. */
void mproc__ring_link_end(struct ring_link *ring);

/* As in struct link_ops. look: but for READY and ENDED. */
void mproc__ring_link_birth(const struct link *link, struct link_birth *ret_birth);
bool mproc__ring_link_has_room(struct link *link, const struct job *job);
void mproc__ring_link_send(struct link *link, struct job *job);
void mproc__ring_link_kick(struct link *link);
int mproc__ring_link_take(struct link *link, struct completion *ret_completions, int capacity);
bool mproc__ring_link_recall(struct link *link, struct job *job);
int mproc__ring_link_load(struct link *link, const struct job *job);
void mproc__ring_link_unload(struct link *link);
void mproc__ring_link_leave(struct link *link, uint64_t span);
unsigned mproc__ring_link_look(const struct link *link, unsigned signs);
void mproc__ring_link_trace(const struct link *link, const struct job *job, struct job_trace *ret_trace);
bool mproc__ring_link_check(struct link *link);
size_t mproc__ring_link_label(const struct link *link, const struct job *job, char *ret_text);
void mproc__ring_link_ask(struct link *link, const struct job *job);
void mproc__ring_link_set_threshold(struct link *link, uint32_t left);
const _Atomic uint32_t *mproc__ring_link_watch(const struct link *link, uint32_t *ret_awaited);

#endif
