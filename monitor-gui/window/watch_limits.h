/* How much the window keeps of what it watches: of each thing, and of all together. */
#ifndef MPROC_WINDOW_WATCH_LIMITS_H
#define MPROC_WINDOW_WATCH_LIMITS_H

#include "model/model.h"
#include "window/discard.h"

/** What comes while the display is frozen. */
#define WATCH_HELD_BYTES ((size_t)64 << 20)
/** Tasks, and runs of the timeline. */
#define WATCH_TASKS 1000000u
#define WATCH_BYTES ((size_t)384 << 20)
/** While nobody looks at it, at most; what it has already it keeps, as long as there is room. */
#define WATCH_BYTES_ASIDE ((size_t)64 << 20)
/** Of all together. What the one that is looked at may take is its own, and the others share the rest: see room.h. */
#define WATCH_BYTES_ALL ((size_t)512 << 20)

/** A model with these limits, of what is looked at; as model_create. */
static inline int watch_create_model(struct model **ret_model)
{
    const struct model_limits limits = { .tasks = WATCH_TASKS, .task_bytes = WATCH_BYTES, .bars = WATCH_TASKS };
    return model_create(&limits, ret_model);
}

static inline void watch_free_model(gpointer model)
{
    model_free(model);
}

/** Frees one, on a thread if there is much in it. NULL is allowed. */
static inline void watch_discard_model(struct model *model)
{
    if (model != NULL && tasks_count(&model->tasks) < DISCARD_TASKS)
        model_free(model);
    else
        discard(model, watch_free_model);
}

#endif
