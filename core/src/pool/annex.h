/* What parts of a pool have in its workers: memory that both sides see, and an ear for the tasks that a worker runs. A
 * part that wants either is a row in annex.c. Neither the links nor the serving loop know what parts there are, and
 * while none wants to hear of tasks, a task costs a worker the look at one word.
 *
 * The parent comes to a part's memory by the worker's link (link_annexes), of a dead worker, too. It believes nothing
 * that it reads there: tasks may scribble over it.
 */
#ifndef MPROC_POOL_ANNEX_H
#define MPROC_POOL_ANNEX_H

#include "base/function.h"
#include "pool/annex_layout.h"
#include "pool/module_table.h"
#include "pool/ring_layout.h"
#include "process/task.h"
#include <stdbool.h>

struct mproc_pool;

/** A part's row; what it does not need is NULL. */
struct annex {
    size_t bytes; /**< of the memory: whole cache lines, zero at first */
    /** In the parent, before the worker starts. */
    void (*prepare)(void *shared, struct worker_area *area, const struct mproc_pool *pool);
    /** In the worker, before its initializer: makes what the part has there for itself, from malloc; it is freed with
     * the worker. NULL: there was no memory, and the part hears nothing. */
    void *(*open)(void *shared, struct worker_area *area, module_find_fn *find);
    /** In the worker, while the part wants to hear of it: the task is about to run this function, which is NULL if it
     * was not found, with this argument. Returns how many ticks of that were the program's own. */
    int64_t (*begun)(void *own, const struct mproc_task *task, any_function *function, mproc_view argument);
    /** The same: it has returned, with this value, or none. */
    int64_t (*ended)(void *own, const struct mproc_task *task, any_function *function, mproc_view value);
};

/* ---- The parent's side ---- */

/** What all of them take behind a worker's area. */
size_t mproc__annexes_bytes(void);
/** Of a worker that is about to start. */
void mproc__annexes_prepare(struct worker_area *area, const struct mproc_pool *pool);
/** A part's memory. */
void *mproc__annex_memory(struct annex_line *line, const struct annex *annex);
/** From now on the part hears of tasks, or of none. */
void mproc__annex_want(struct annex_line *line, const struct annex *annex, bool wanted);

/* ---- The worker's side ---- */

#define ANNEXES_MAX 4

/** What the parts have in a worker. */
struct annexes {
    const struct annex_line *line;
    void *own[ANNEXES_MAX]; /**< by row */
};

void mproc__annexes_open(struct annexes *annexes, struct worker_area *area, module_find_fn *find);
void mproc__annexes_close(struct annexes *annexes);

/** Which of them are to hear of the next task. */
static inline uint32_t annexes_wanted(const struct annexes *annexes)
{
    /* Relaxed: nothing is read on its account. */
    return atomic_load_explicit(&annexes->line->wanted, memory_order_relaxed);
}

/** As in struct annex, for those that are to hear of it. */
int64_t mproc__annexes_begun(const struct annexes *annexes, uint32_t wanted, const struct mproc_task *task,
                             any_function *function, mproc_view argument);
int64_t mproc__annexes_ended(const struct annexes *annexes, uint32_t wanted, const struct mproc_task *task,
                             any_function *function, mproc_view value);

#endif
