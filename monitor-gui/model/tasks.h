/* The last tasks that were told of, each by its pool, number and item, put together from what came of it in whatever
 * order. There is room for so many; the oldest make room for new ones. Nothing is counted here: events may be lost, and
 * counts have records of their own.
 */
#ifndef MPROC_MODEL_TASKS_H
#define MPROC_MODEL_TASKS_H

#include "model/kept.h"

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

/** A record is there if its task is not 0. */
struct model_task {
    struct task_key key;
    uint64_t number; /**< when it was told of first: they are numbered from 1 on */
    uint32_t next;   /**< in its chain: a place and 1, or 0 */
    struct record_task_queued queued;
    struct record_task_begun begun; /**< of the last attempt that is known to have begun */
    struct record_task_ended ended; /**< of the last attempt that is known to have ended */
    char *begun_texts, *ended_texts;
};

struct tasks {
    struct model_task *places;
    uint32_t *chains;
    uint32_t capacity, chain_count;
    uint64_t total; /**< tasks that were told of, those forgotten included */
};

/** Room for so many tasks, 1 at least. Returns 0 or MPROC_E_NO_MEMORY. */
int tasks_init(struct tasks *tasks, uint32_t capacity);
void tasks_free(struct tasks *tasks);

/** Takes a record of the types task_queued, task_begun and task_ended. Returns 0 or MPROC_E_NO_MEMORY. */
int tasks_take(struct tasks *tasks, unsigned type, const union record *record);

/** How many are there, and each of them: 0 is the one that was told of last. */
uint32_t tasks_count(const struct tasks *tasks);
const struct model_task *tasks_at(const struct tasks *tasks, uint32_t index);

/** NULL if it was never told of, or is forgotten. */
const struct model_task *tasks_find(const struct tasks *tasks, const struct task_key *key);

/** What is known of it. */
enum task_state task_state(const struct model_task *task);
uint32_t task_function(const struct model_task *task);
uint64_t task_items(const struct model_task *task);
uint32_t task_attempt(const struct model_task *task);
/** The place of the worker that runs it, or ran it last; -1 if none. */
int64_t task_worker(const struct model_task *task);
/** "" if it is not known. */
const char *task_label(const struct model_task *task);
const char *task_argument(const struct model_task *task);
/** How long it ran, or has been running; false if that is not known. */
bool task_run_ns(const struct model_task *task, int64_t now_ns, int64_t *ret_run_ns);

#endif
