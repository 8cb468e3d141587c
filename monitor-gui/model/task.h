/* One task, as far as it was told of: put together from what came of it in whatever order.
 *
 * A task is never changed. When more comes of it another one takes its place, and who holds the old one may go on
 * reading it, on any thread: that is how a table of a million of them is sorted while more arrive.
 */
#ifndef MPROC_MODEL_TASK_H
#define MPROC_MODEL_TASK_H

#include "trace/wire.h"
#include <stdatomic.h>
#include <stdbool.h>

enum task_state {
    TASK_QUEUED = 1,
    TASK_RUNNING,
    TASK_RETRIED, /**< an attempt died, the next has not begun */
    TASK_DONE,
    TASK_FAILED,
    TASK_CANCELLED,
    TASK_DIED,
    TASK_LIMIT,
    TASK_ABANDONED
};

/** What a task is found by. item: as the records have it, -1 of a single task. */
struct task_key {
    uint32_t pool;
    uint64_t task;
    int64_t item;
};

/** Its texts: as the records have them, and each ended by a zero. */
enum task_text { TASK_LABEL, TASK_ARGUMENT, TASK_RESULT, TASK_ERROR, TASK_TEXTS };

/** Which records of the latest attempt came. */
#define TASK_TOLD_QUEUED 1u
#define TASK_TOLD_BEGUN  2u
#define TASK_TOLD_ENDED  4u
/** And it was said that the pool has kept what it was called with: it can be tried again. */
#define TASK_TOLD_RETRIABLE 8u

/** So many attempts before the latest one are kept. */
#define TASK_EARLIER_MAX 15u

/** Of the latest attempt that is known; as the records have it, 0 where none has said so. */
struct model_task {
    struct task_key key;
    uint64_t number; /**< in the order in which tasks were told of first, from 0 on */
    uint64_t items;
    int64_t priority;
    int64_t submitted_ns, begun_ns, ended_ns;
    int64_t wait_ns, queued_ns, copy_ns, run_ns, return_ns; /**< lengths, of one that has ended */
    int64_t code, pid;
    int64_t worker; /**< its place; -1: none */
    uint32_t function, attempt;
    uint8_t told; /**< TASK_TOLD_... */
    uint8_t end;  /**< enum record_end */
    uint16_t sizes[TASK_TEXTS];
    uint16_t depth;                   /**< how many attempts are behind earlier */
    const struct model_task *earlier; /**< the attempt before it that is known, or NULL */
    atomic_uint holders;
    char texts[];
};

/** The task that it is with this record: another one, for task_release. before: what was known until now, or NULL; its
 * number stays, one that is new has 0. Returns before itself, held once more, if the record says nothing new; NULL for
 * want of memory. */
struct model_task *task_with_queued(const struct model_task *before, const struct record_task_queued *record);
struct model_task *task_with_begun(const struct model_task *before, const struct record_task_begun *record);
struct model_task *task_with_ended(const struct model_task *before, const struct record_task_ended *record);

/** Keeps it, and the attempts before it, until it is released as often as it was held. Any thread that knows of a task
 * that is held; NULL is allowed. */
struct model_task *task_hold(const struct model_task *task);
void task_release(const struct model_task *task);

/** The memory that it takes, with the attempts before it. */
size_t task_bytes(const struct model_task *task);

/** The records that it was made of, as far as they came: false if not. Texts are those of the task. */
bool task_as_queued(const struct model_task *task, struct record_task_queued *ret_record);
bool task_as_begun(const struct model_task *task, struct record_task_begun *ret_record);
bool task_as_ended(const struct model_task *task, struct record_task_ended *ret_record);

/* ---- Questions ---- */

enum task_state task_state(const struct model_task *task);
/** How long it ran, or has been running; false if that is not known. */
bool task_run_ns(const struct model_task *task, int64_t now_ns, int64_t *ret_run_ns);
/** How long it waited before it began, or has been waiting; false if that is not known. */
bool task_waited_ns(const struct model_task *task, int64_t now_ns, int64_t *ret_wait_ns);
/** "" if it is not known. */
const char *task_text(const struct model_task *task, enum task_text text);

#endif
