/* The last tasks that were told of, each by its pool, number and item. There is room for so many, and for so many bytes
 * of them; the oldest make room for new ones. Nothing is counted here: events may be lost, and counts have records of
 * their own.
 */
#ifndef MPROC_MODEL_TASKS_H
#define MPROC_MODEL_TASKS_H

#include "model/task.h"

/** Memory comes as tasks do, by so many. */
#define TASKS_CHUNK 1024u

struct tasks_place {
    const struct model_task *task;
    uint32_t hash;
    uint32_t next; /**< in its chain: a place and 1, or 0 */
};

struct tasks_chunk {
    uint64_t changed; /**< which change was the last one in it */
    struct tasks_place places[TASKS_CHUNK];
};

/** Task number N has place N modulo capacity. */
struct tasks {
    struct tasks_chunk **chunks;
    uint32_t *chains;
    uint64_t seed; /**< of the hashes, so that no process can tell which of its tasks would share a chain */
    uint32_t capacity, chain_count;
    uint32_t chain_round; /**< the greatest power of two that chain_count reaches */
    size_t bytes, bytes_max;
    uint64_t first, total; /**< the first one that is kept; how many were told of, those forgotten included */
    uint64_t changes;      /**< that there were: a reader who remembers it knows which chunks are news */
};

/** Room for so many tasks, 1 at least, which take so many bytes at most. Returns 0 or MPROC_E_NO_MEMORY. */
int tasks_init(struct tasks *tasks, uint32_t capacity, size_t bytes_max);
void tasks_free(struct tasks *tasks);

/** From now on they take so many bytes at most, or as many as they do already: none is forgotten for that at once. */
void tasks_bound(struct tasks *tasks, size_t bytes_max);

/** Forgets the oldest, until those that are left take so many bytes less; the last one of all stays. Some thousand in a
 * millisecond. */
void tasks_forget(struct tasks *tasks, size_t bytes);

/** Takes a record of the types task_queued, task_begun and task_ended. Returns 0 or MPROC_E_NO_MEMORY. */
int tasks_take(struct tasks *tasks, unsigned type, const union record *record);

/** How many are there, and each of them: 0 is the one that was told of last. A task is good until the next take, or as
 * long as it is held. */
uint32_t tasks_count(const struct tasks *tasks);
const struct model_task *tasks_at(const struct tasks *tasks, uint32_t index);

/** The one of this number; NULL if it is forgotten, or was never told of. */
const struct model_task *tasks_numbered(const struct tasks *tasks, uint64_t number);

/** NULL if it was never told of, or is forgotten. */
const struct model_task *tasks_find(const struct tasks *tasks, const struct task_key *key);

/** Chunks of places, for who reads all of them: how many there may be; and one, NULL if there is none yet. */
size_t tasks_chunk_count(const struct tasks *tasks);
const struct tasks_chunk *tasks_chunk_at(const struct tasks *tasks, size_t index);

#endif
