/* The running task: what a function is called with, and what it has said so far. */
#ifndef MPROC_PROCESS_TASK_H
#define MPROC_PROCESS_TASK_H

#include "base/base.h"
#include <mproc/task.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

/** A value up to this size needs no memory of its own. */
#define TASK_INLINE_BYTES 88u
/** Most are no larger than this: see task_copy_small. */
#define TASK_TINY_BYTES 16u
/** Arguments and values above this size lie in spans, if they can: there they are built and read in place. */
#define TASK_SPAN_BYTES 8192u
/** A task's argument has no more. */
#define ARGUMENT_MAX ((size_t)1 << 30)
/** A failed task's message, with the zero at its end. */
#define TASK_MESSAGE_BYTES 240u

/** What a task was submitted with that goes with it to its worker, whole, for its function to ask for. All zero: a task
 * without options. */
struct task_terms {
    int64_t soft_ns, hard_ns; /**< how long it may run; 0: no limit */
};

_Static_assert(sizeof(struct task_terms) == 16, "parent and worker share it");

static inline bool task_has_terms(const struct task_terms *terms)
{
    return (terms->soft_ns | terms->hard_ns) != 0;
}

/** After how long, from its submission on, its pool is to look after such a task at the latest; 0: it need not. */
static inline int64_t task_look_ns(const struct task_terms *terms)
{
    return terms->hard_ns;
}

/** Copies an argument or value of at most TASK_INLINE_BYTES, between places that have all of these: two instructions
 * for most of them, and no call for any. */
static inline void task_copy_small(void *to, const void *from, size_t size)
{
    if (likely(size <= TASK_TINY_BYTES))
        memcpy(to, from, TASK_TINY_BYTES);
    else
        memcpy(to, from, TASK_INLINE_BYTES);
}

/** What who runs a task does for it: handles of the system that came with it, from wherever they come, and its name. */
struct task_lender {
    size_t (*count)(const struct task_lender *lender);
    /** Gives the program a duplicate. 0, or an error that was recorded. index: below count. */
    int (*take)(struct task_lender *lender, size_t index, mproc_os_handle *ret_handle);
    /** Shows the text, of so many bytes, as the running task's label. 0, or an error that was recorded. */
    int (*name)(struct task_lender *lender, const char *text, size_t size);
};

struct mproc_task {
    mproc_view argument;
    uint64_t id;
    unsigned attempt;
    int worker;
    struct task_terms terms;
    int64_t started;               /**< by platform_ticks; of one that can have terms */
    const _Atomic uint32_t *asked; /**< holds the mark of the task that is asked to end; NULL: none ever is */
    uint32_t mark;                 /**< its own */
    int64_t item;                  /**< -1 outside a map kernel */
    struct task_lender *lender;    /**< NULL: no task that is run here ever has handles or a label */
    int fail_code;
    char message[TASK_MESSAGE_BYTES];
    /* In whose name the spans of values are made, 0: there are none; and where that is noted before the first. */
    uint64_t span_owner;
    uint64_t span_builder; /**< who has one until it is returned: somebody who lives as long as the task writes to it */
    _Atomic uint32_t *makes_spans;
    /* The value: in small while it fits there, in a span if it is large, else on the heap, kept for the next task. */
    unsigned char *value;
    size_t value_size;
    uint64_t span;
    int64_t copying; /**< how many ticks it took to copy values into spans */
    size_t heap_capacity;
    unsigned char *heap;
    alignas(max_align_t) unsigned char small[TASK_INLINE_BYTES];
};

/** Makes the task ready for its next run. */
void mproc__task_reset(struct mproc_task *task);

/** Its value, wherever it lies. */
mproc_view mproc__task_value(const struct mproc_task *task);

/** The span that the value lies in, which is no longer the task's then; 0 if it lies in none, or is too small for one.
 */
uint64_t mproc__task_give_span(struct mproc_task *task);

/** Gives back what an unusually large value took, so that a worker's size does not follow its largest task. */
void mproc__task_trim(struct mproc_task *task);

/** Runs a function over plain bytes, for processes, initializers and exit hooks. Returns what the function returned;
 * ret_message gets TASK_MESSAGE_BYTES of text unless that is 0. */
int mproc__task_run(mproc_task_fn *function, mproc_view argument, int worker, char *ret_message);

#endif
