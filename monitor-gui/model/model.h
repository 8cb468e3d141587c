/* What is known of a watched process, put together from its records: all that a monitor shows, in whatever form.
 *
 * Records may be lost and may come late: figures and states are told as they are at a moment, so that nothing here adds
 * up what must not be missed; what happened once (tasks, deaths, lines) is kept as far as it was told, and what was
 * lost of it is known by number.
 *
 * One thread at a time. Memory is bounded, whatever the peer says.
 */
#ifndef MPROC_MODEL_MODEL_H
#define MPROC_MODEL_MODEL_H

#include "model/bars.h"
#include "model/events.h"
#include "model/looks.h"
#include "model/objects.h"
#include "model/pools.h"
#include "model/tasks.h"

/** How much is kept: 0 is the default. */
struct model_limits {
    uint32_t tasks;    /**< 0: 10 000 */
    size_t task_bytes; /**< that these take, with their texts; 0: 64 MiB */
    uint32_t bars;     /**< for a timeline; 0: none */
};

struct model {
    struct record_greeting greeting;
    char *greeting_texts;
    struct pools pools;
    struct tasks tasks;
    struct bars bars;
    struct events events;
    struct objects objects;
    struct looks looks;
    struct record_cost cost, cost_before; /**< the last ones, of different times */
    int64_t cost_ns, cost_before_ns;
    int64_t now_ns;   /**< by the watched process's clock */
    int64_t heard_ns; /**< when it told something last, by the same */
    uint64_t records; /**< that were taken */
    bool whole;       /**< a snapshot has come to its end */
    bool ended;       /**< the process stopped publishing in good order */
    bool gone;        /**< it is no more, as whoever watches it has found out */
};

/** limits: NULL is the defaults. Returns 0 or MPROC_E_NO_MEMORY. */
int model_create(const struct model_limits *limits, struct model **ret_model);
/** NULL is allowed. */
void model_free(struct model *model);

/** Takes a record; of types that it has no use for nothing but the time. Returns 0 or MPROC_E_NO_MEMORY. */
int model_take(struct model *model, const struct wire_frame *frame, const union record *record);

/** Says what time it is by the watched process's clock; never goes back. */
void model_tick(struct model *model, int64_t now_ns);

/** Until when it is known what runs: what has ended since the process told something last may not have been told yet,
 * so that by the clock a task would seem to run for longer than it does. */
int64_t model_known_ns(const struct model *model);

/** For how long a worker has been running what it runs, until then; false if it runs nothing, or it is not known when
 * that began. */
bool model_worker_run_ns(const struct model *model, const struct model_worker *worker, int64_t *ret_ns);
/** Whether that is slow for a task of its function (function_is_slow); never of several items in one go. */
bool model_worker_is_slow(const struct model *model, const struct model_pool *pool, const struct model_worker *worker,
                          double *ret_ratio);

/** Says that the process has fallen silent: it is as late as when it told something last, and what was taken to hold
 * since then is not known. */
void model_silence(struct model *model);

/** Says that the process is no more. */
void model_end(struct model *model);

/** Whether a pool has ended, with its process or before it. Then none of its workers lives and none of its tasks runs
 * or waits, whatever was told last: what became of those was not told. */
bool model_is_over(const struct model *model, const struct model_pool *pool);

/** What a pool counts: as told last, but that nothing runs or waits in one that is over. */
struct record_counts model_counts(const struct model *model, const struct model_pool *pool);

/** From now on somebody looks at the process, or nobody does: looks.h. */
void model_look(struct model *model, bool is_looked_at);

/** From now on the ends of tasks are told, or they are not: what lies in between is not known. */
void model_set_told_of_tasks(struct model *model, bool is_told);

/** The time since 1970 of one of the watched process's times; 0 if it never said. */
int64_t model_wall_ns(const struct model *model, int64_t time_ns);

/** How much of a CPU the watching takes in the watched process, and how many of its tasks' events it sees per second.
 * False if it is not known yet. */
bool model_cost(const struct model *model, double *ret_cpu, double *ret_events);

/** How many records told of more than is kept, by the bounds of pools and objects. */
static inline uint64_t model_ignored(const struct model *model)
{
    return model->pools.ignored + model->objects.ignored;
}

/** The pool and worker that a process is: false if it is none, or one of many threads. */
bool model_worker_of(const struct model *model, int64_t pid, const struct model_pool **ret_pool,
                     const struct model_worker **ret_worker);

#endif
