/* Locks, queues and what else has a name, who waits for them, and the circles in which all wait for each other. */
#ifndef MPROC_MODEL_OBJECTS_H
#define MPROC_MODEL_OBJECTS_H

#include "model/kept.h"
#include "model/list.h"

/* As many as a process tells of. */
#define OBJECTS_MAX  1024u
#define WAITERS_MAX  4096u
#define DEADLOCK_MAX 16u /**< of one circle so many are told of */

struct model_object {
    int64_t told_ns;
    uint64_t snapshot;
    struct record_object said;
    char *texts;
    int64_t left_pid; /**< of what is abandoned: who was seen to hold it last; 0: nobody was */
};

/** A thread that waits: for one object at a time. */
struct model_waiter {
    int64_t told_ns;
    uint64_t snapshot;
    struct record_waiter said;
    char *texts;
};

struct objects {
    struct list all;       /**< struct model_object *, by their numbers */
    struct list waiters;   /**< struct model_waiter *, by process and thread */
    struct list by_object; /**< the same ones, by what they wait for, and who began first first */
    uint64_t snapshot, ignored;
};

/** Threads of which each waits for what the next one holds, and the last for what the first one does. */
struct deadlock {
    const struct model_waiter *waiters[DEADLOCK_MAX];
    size_t count;                  /**< of these; of a longer circle the first ones */
    size_t length;                 /**< of the circle */
    size_t behind;                 /**< how many more wait for somebody in it */
    int64_t since_ns;              /**< when the last of them began to wait, and closed it */
    int64_t seen_ns;               /**< since when all of it has been seen so */
    enum record_patience patience; /**< limited: of one of them, who will give up; else unknown: of one of them */
};

void objects_init(struct objects *objects);
void objects_free(struct objects *objects);

/** Takes a record of the types object and waiter. Returns 0 or MPROC_E_NO_MEMORY. */
int objects_take(struct objects *objects, const struct wire_frame *frame, const union record *record);

void objects_snapshot_begin(struct objects *objects);
void objects_snapshot_end(struct objects *objects);

static inline const struct model_object *objects_at(const struct objects *objects, size_t index)
{
    return *(struct model_object **)list_at(&objects->all, index);
}

static inline const struct model_waiter *objects_waiter_at(const struct objects *objects, size_t index)
{
    return *(struct model_waiter **)list_at(&objects->waiters, index);
}

/** NULL if there is none. */
const struct model_object *objects_find(const struct objects *objects, uint64_t object);

/** One of the threads of the process that waits; NULL if none is known to. */
const struct model_waiter *objects_waiter_in(const struct objects *objects, int64_t pid);

/** How many are known to wait for it: from ret_first on, for objects_waiter_by_object, who began first first. */
size_t objects_waiters_of(const struct objects *objects, uint64_t object, size_t *ret_first);

static inline const struct model_waiter *objects_waiter_by_object(const struct objects *objects, size_t index)
{
    return *(struct model_waiter **)list_at(&objects->by_object, index);
}

/** Since when it is held: as it was seen, or longer, because its holder has waited for something else for longer, or
 * somebody began to wait for him just before he was seen. False if nobody is known to. */
bool objects_held_since(const struct objects *objects, const struct model_object *object, int64_t *ret_since_ns);

/** Since when the first of those who wait for it does; false if nobody is known to. */
bool objects_longest_wait(const struct objects *objects, uint64_t object, int64_t *ret_since_ns);

/** Holders and waiters are not all seen at the same moment: a circle is one if it has been there for so long. */
#define DEADLOCK_SETTLED_NS INT64_C(250000000)

/** Finds the deadlocks that there are at now_ns, each once, as many as there is room for. Returns how many that are. */
size_t objects_deadlocks(const struct objects *objects, int64_t now_ns, struct deadlock *ret_deadlocks,
                         size_t capacity);

/** Whether a thread of the process is in one of them, and does not only wait behind it. */
bool objects_deadlocked(const struct objects *objects, int64_t pid, int64_t now_ns);

/** Whether an object is held by somebody in the circle. */
bool deadlock_has_object(const struct deadlock *deadlock, uint64_t object);

#endif
